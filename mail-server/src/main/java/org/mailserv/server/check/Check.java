package org.mailserv.server.check;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks.EnvelopeInspection;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Inspection;

/**
 * One check before acceptance. Each method is a stage of the SMTP session; a check overrides the stages that it decides at, and has no
 * objection at the others. A check is registered in {@link StandardChecks}, in the order in which it runs.
 *
 * <p>All methods may be called from any thread, and return without blocking. Stages complete within a bounded time and do not fail.
 */
public interface Check {
    /** The answer of a check that refuses nothing. It is complete. */
    CompletionStage<@Nullable SmtpReply> NO_OBJECTION = CompletableFuture.completedStage(null);

    /**
     * Checks the argument of HELO, EHLO or LHLO.
     *
     * @return the reply that refuses it, or null
     */
    default @Nullable SmtpReply helo(CheckedClient client, String name) {
        return null;
    }

    /**
     * Checks the client and the reverse-path at MAIL.
     *
     * @return the reply that refuses the transaction, or null
     */
    default CompletionStage<@Nullable SmtpReply> mail(CheckedClient client, ReversePath sender) {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Checks a recipient that would be accepted.
     *
     * @return the reply that refuses the recipient, or null
     */
    default CompletionStage<@Nullable SmtpReply> recipient(
            CheckedClient client, ReversePath sender, Address recipient) {
        return NO_OBJECTION;
    }

    /**
     * Begins to inspect an envelope recipient by recipient, for checks that have to ask somebody else about each of them.
     *
     * @return the inspection, or null when this check does not want one
     */
    default @Nullable EnvelopeInspection envelope(Facts facts) {
        return null;
    }

    /**
     * Begins to check the content of a message from an unknown client.
     *
     * @return the check of this message, or null when this check does not apply to it
     */
    default @Nullable ContentCheck content(MessageAuthentication message) {
        return null;
    }

    /**
     * Wraps the inspection of a message's content, for checks that change or hold back what is stored.
     *
     * @param envelope this check's own inspection of the envelope, or null
     * @param inner the inspection by the checks before this one, or null when there is none
     * @return the inspection that contains the inner one, or null when there is none
     */
    default @Nullable Inspection wrap(Facts facts, @Nullable EnvelopeInspection envelope, @Nullable Inspection inner) {
        return inner;
    }
}
