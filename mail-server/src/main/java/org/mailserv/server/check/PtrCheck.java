package org.mailserv.server.check;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.dns.ClientNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses unknown clients without a forward-confirmed reverse DNS (PTR) record. RFC 7372, 3.3. */
public final class PtrCheck implements Check {
    private static final Logger LOG = LoggerFactory.getLogger(PtrCheck.class);
    private static final String REASON = "Client host rejected: no forward-confirmed reverse DNS (PTR) record";
    private static final SmtpReply REJECTED = SmtpReply.of(550, "5.7.25", REASON);
    private static final SmtpReply DEFERRED = SmtpReply.of(450, "4.7.25", REASON);

    private final PtrPolicy policy;

    public PtrCheck(PtrPolicy policy) {
        this.policy = policy;
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> mail(CheckedClient client, ReversePath sender) {
        boolean refuses = policy == PtrPolicy.DEFER || policy == PtrPolicy.REJECT;
        if (!refuses || client.mayRelay() || client.lmtp() || client.knownName() != null) {
            return CompletableFuture.completedFuture(null);
        }
        return client.lookup().thenApply(answer -> decide(client, answer));
    }

    private @Nullable SmtpReply decide(CheckedClient client, ClientNames.Answer answer) {
        if (answer instanceof ClientNames.Answer.Confirmed) {
            return null;
        }
        LOG.info("event=nameless-client session={} peer={}", client.session(), client.shownAddress());
        // A look-up that failed says nothing about the client, which may try again.
        return answer instanceof ClientNames.Answer.None && policy == PtrPolicy.REJECT ? REJECTED : DEFERRED;
    }
}
