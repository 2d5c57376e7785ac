package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.ChecksConfig.Quarantine;
import org.mailserv.server.check.MessageChecks.Disposition;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the content checks of one message from an unknown client, and combines their findings into a verdict. */
final class MessageInspection implements MessageChecks.Inspection {
    private static final Logger LOG = LoggerFactory.getLogger(MessageInspection.class);
    private static final SmtpReply NOT_CHECKED =
            SmtpReply.of(451, "4.3.0", "The message cannot be checked now, please try again later");

    private final MessageAuthentication.Services services;
    private final MessageAuthentication message;
    private final List<ContentCheck> checks;
    private boolean headerReported;

    MessageInspection(
            MessageAuthentication.Services services, MessageAuthentication message, List<ContentCheck> checks) {
        this.services = services;
        this.message = message;
        this.checks = List.copyOf(checks);
    }

    @Override
    public void feed(ByteBuf piece) {
        message.feed(piece);
    }

    @Override
    public ByteBuf filter(ByteBuf piece) {
        ByteBuf passed = message.filter().pass(piece);
        if (message.filter().isHeaderOver()) {
            reportHeader();
        }
        return passed;
    }

    @Override
    public ByteBuf rest() {
        return message.filter().finish();
    }

    private void reportHeader() {
        if (!headerReported) {
            headerReported = true;
            checks.forEach(ContentCheck::headerComplete);
        }
    }

    @Override
    public CompletionStage<Verdict> finish(String added) {
        message.end();
        reportHeader();
        CompletionStage<List<Finding>> findings = CompletableFuture.completedFuture(new ArrayList<>());
        for (ContentCheck check : checks) {
            findings = findings.thenCombine(check.finish(), MessageInspection::append);
        }
        return findings.thenCompose(all -> conclude(Decision.of(services.hostname(), all)))
                .exceptionally(this::failed);
    }

    private static <T> List<T> append(List<T> list, T element) {
        list.add(element);
        return list;
    }

    private CompletionStage<Verdict> conclude(Decision decision) {
        Facts facts = message.facts();
        LOG.info(
                "event=checked peer={} from=<{}> {} action={} reason=\"{}\"",
                facts.address().getHostAddress(),
                facts.sender(),
                message.summary(),
                decision.action(),
                Decision.printable(message.reasons()).replace('"', '?'));
        CompletionStage<String> above = CompletableFuture.completedFuture("");
        for (ContentCheck check : checks) {
            above = above.thenCombine(check.decided(decision), String::concat);
        }
        return above.thenApply(fields -> verdict(decision, fields));
    }

    private Verdict verdict(Decision decision, String above) {
        boolean junk = decision.suspicious() && services.config().quarantine() == Quarantine.JUNK;
        return new Verdict(
                (decision.refusal() == null ? above : "")
                        + decision.results().field()
                        + (decision.suspicious() ? "X-Spam-Flag: YES\r\n" : ""),
                decision.refusal(),
                junk ? Disposition.JUNK : Disposition.DELIVER,
                "");
    }

    /** Defers a message whose checks failed: what could not be checked must not count in the sender's favour. */
    private Verdict failed(Throwable failure) {
        LOG.error(
                "event=checks-failed peer={} from=<{}> reason=\"{}\"",
                message.facts().address().getHostAddress(),
                message.facts().sender(),
                Decision.printable(Failures.text(failure)).replace('"', '?'));
        return new Verdict("", NOT_CHECKED);
    }
}
