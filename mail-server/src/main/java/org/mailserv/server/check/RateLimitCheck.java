package org.mailserv.server.check;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.reputation.SendingLimits;

/** Defers clients, senders and accounts that exceed their rate limits. */
public final class RateLimitCheck implements Check {
    private final SendingLimits limits;

    public RateLimitCheck(SendingLimits limits) {
        this.limits = limits;
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> mail(CheckedClient client, ReversePath sender) {
        return CompletableFuture.completedFuture(
                client.address() == null || client.mayRelay()
                        ? null
                        : limits.atMail(client.account(), client.address(), sender.toString()));
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> recipient(CheckedClient client, ReversePath sender, Address recipient) {
        SmtpReply refusal = limits.atRecipient(client.account());
        return refusal == null ? NO_OBJECTION : CompletableFuture.completedFuture(refusal);
    }
}
