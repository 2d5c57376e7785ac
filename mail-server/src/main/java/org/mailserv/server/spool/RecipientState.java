package org.mailserv.server.spool;

import org.jspecify.annotations.Nullable;

/**
 * What has become of one recipient.
 *
 * @param status where it stands
 * @param lastMta the host that spoke last, {@code mx.example.org [192.0.2.1]}, or null before the first try
 * @param lastReply what it said, or what went wrong, in one line, or null before the first try
 * @param uncertainLosses tries that ended after the whole message had been sent and before the server had answered
 */
public record RecipientState(
        Status status, @Nullable String lastMta, @Nullable String lastReply, int uncertainLosses) {
    /** The state of a recipient that has never been sent the whole message without an answer. */
    public RecipientState(Status status, @Nullable String lastMta, @Nullable String lastReply) {
        this(status, lastMta, lastReply, 0);
    }

    /** Not tried yet. */
    public static final RecipientState PENDING = new RecipientState(Status.PENDING, null, null);
    /** Delivered into its local mailbox. */
    public static final RecipientState DELIVERED_LOCALLY = new RecipientState(Status.DELIVERED, null, null);

    /** Only PENDING recipients are tried; the others are settled. */
    public enum Status {
        PENDING,
        DELIVERED,
        /** Refused or given up, and its bounce, where one was due, has been committed. */
        FAILED,
        /** Taken out of the queue by the operator. */
        REMOVED
    }

    public boolean isSettled() {
        return status != Status.PENDING;
    }
}
