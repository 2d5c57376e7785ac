package org.mailserv.server.check;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * The checks before acceptance, in the order in which they run. At HELO, MAIL and RCPT the first refusal decides, and later checks are not
 * asked. All content checks see the whole message, so that its header reports all results.
 */
public final class CheckChain implements MessageChecks {
    private final List<Check> checks;
    private final MessageAuthentication.@Nullable Services services;

    private CheckChain(List<Check> checks, MessageAuthentication.@Nullable Services services) {
        this.checks = List.copyOf(checks);
        this.services = services;
    }

    /** Returns a chain without content checks. */
    public static CheckChain of(Check... checks) {
        return new CheckChain(List.of(checks), null);
    }

    /** Returns a chain with content checks, which apply to messages from unknown clients. */
    static CheckChain of(List<Check> checks, MessageAuthentication.Services services) {
        return new CheckChain(checks, services);
    }

    @Override
    public @Nullable SmtpReply helo(CheckedClient client, String name) {
        for (Check check : checks) {
            SmtpReply refusal = check.helo(client, name);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> mail(CheckedClient client, ReversePath sender) {
        CompletionStage<@Nullable SmtpReply> refusal = CompletableFuture.completedFuture(null);
        for (Check check : checks) {
            refusal = refusal.thenCompose(earlier -> earlier == null
                    ? check.mail(client, sender)
                    : CompletableFuture.<@Nullable SmtpReply>completedFuture(earlier));
        }
        return refusal;
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> recipient(CheckedClient client, ReversePath sender, Address recipient) {
        CompletionStage<@Nullable SmtpReply> refusal = Check.NO_OBJECTION;
        for (Check check : checks) {
            // Most checks have nothing to say, and a chain of stages would be made for each recipient.
            refusal = refusal == Check.NO_OBJECTION
                    ? check.recipient(client, sender, recipient)
                    : refusal.thenCompose(earlier -> earlier == null
                            ? check.recipient(client, sender, recipient)
                            : CompletableFuture.<@Nullable SmtpReply>completedFuture(earlier));
        }
        return refusal;
    }

    @Override
    public @Nullable EnvelopeInspection beginEnvelope(Facts facts) {
        List<Interested> interested = new ArrayList<>();
        for (Check check : checks) {
            EnvelopeInspection envelope = check.envelope(facts);
            if (envelope != null) {
                interested.add(new Interested(check, envelope));
            }
        }
        return interested.isEmpty() ? null : new Envelope(interested);
    }

    @Override
    public @Nullable Inspection begin(Facts facts) {
        return begin(facts, null);
    }

    @Override
    public @Nullable Inspection begin(Facts facts, @Nullable EnvelopeInspection envelope) {
        Inspection inspection = content(facts);
        for (Check check : checks) {
            EnvelopeInspection own = envelope instanceof Envelope all ? all.of(check) : null;
            inspection = check.wrap(facts, own, inspection);
        }
        return inspection;
    }

    private @Nullable Inspection content(Facts facts) {
        if (services == null || facts.ours() || services.exempt().contains(facts.address())) {
            return null;
        }
        MessageAuthentication message = new MessageAuthentication(services, facts);
        List<ContentCheck> contents = new ArrayList<>();
        for (Check check : checks) {
            ContentCheck content = check.content(message);
            if (content != null) {
                contents.add(content);
            }
        }
        return contents.isEmpty() ? null : new MessageInspection(services, message, contents);
    }

    private record Interested(Check check, EnvelopeInspection envelope) {}

    /** Asks the interested checks about each recipient, one after the other: what one refuses, the next ones do not see. */
    private static final class Envelope implements EnvelopeInspection {
        private final List<Interested> interested;

        Envelope(List<Interested> interested) {
            this.interested = interested;
        }

        @Nullable
        EnvelopeInspection of(Check check) {
            return interested.stream()
                    .filter(one -> one.check() == check)
                    .map(Interested::envelope)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public CompletionStage<@Nullable SmtpReply> recipient(Address recipient) {
            CompletionStage<@Nullable SmtpReply> refusal = CompletableFuture.completedFuture(null);
            for (Interested one : interested) {
                refusal = refusal.thenCompose(earlier -> earlier == null
                        ? one.envelope().recipient(recipient)
                        : CompletableFuture.<@Nullable SmtpReply>completedFuture(earlier));
            }
            return refusal;
        }

        @Override
        public void cancel() {
            interested.forEach(one -> one.envelope().cancel());
        }
    }
}
