package org.mailserv.relay.bounce;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.server.spool.Recipient;

/**
 * What a notice says of one recipient.
 *
 * @param recipient of the envelope
 * @param status class 2, 4 or 5
 * @param mta the server that spoke last, {@code mx.example.org [192.0.2.1]}, or null
 * @param diagnostic what it said, or what went wrong here, in one line; empty where there is nothing to be said
 */
public record Report(
        Recipient recipient,
        EnhancedStatus status,
        @Nullable String mta,
        String diagnostic) {
    /** The status of a recipient that the message was sent to without an answer: nobody knows whether it has arrived. RFC 3463, 3.5. */
    public static final EnhancedStatus UNCERTAIN = new EnhancedStatus(4, 4, 2);

    /** Returns whether the recipient may have got the message, although it counts as failed. */
    boolean isUncertain() {
        return status.equals(UNCERTAIN);
    }
}
