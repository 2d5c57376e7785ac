package org.mailserv.server.spool;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The delivery state of one recipient.
 *
 * @param status the status
 * @param lastMta the host that replied last, {@code mx.example.org [192.0.2.1]}, or null before the first attempt
 * @param lastReply its reply, or the failure, in one line; null before the first attempt
 * @param uncertainLosses number of attempts that ended after the whole message had been sent and before the server replied
 */
public record RecipientState(
        Status status, @Nullable String lastMta, @Nullable String lastReply, int uncertainLosses) {
    /** Creates the state of a recipient without uncertain losses. */
    public RecipientState(Status status, @Nullable String lastMta, @Nullable String lastReply) {
        this(status, lastMta, lastReply, 0);
    }

    /** The state before the first attempt. */
    public static final RecipientState PENDING = new RecipientState(Status.PENDING, null, null);
    /** The state after delivery to the local mailbox. */
    public static final RecipientState DELIVERED_LOCALLY = new RecipientState(Status.DELIVERED, null, null);

    /** The statuses. Only PENDING recipients are tried; the others are settled. */
    public enum Status {
        PENDING,
        DELIVERED,
        /** Refused or cancelled, and its bounce has been committed if one was due. */
        FAILED,
        /** Removed from the queue by an operator. */
        REMOVED;

        /** Returns the name in JSON and in lists. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isSettled() {
        return status != Status.PENDING;
    }
}
