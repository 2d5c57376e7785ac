package org.mailserv.relay.bounce;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.server.spool.Recipient;

/**
 * The part of a notice about one recipient.
 *
 * @param recipient the recipient in the envelope
 * @param status the enhanced status code, of class 2, 4 or 5
 * @param mta the server that replied last, {@code mx.example.org [192.0.2.1]}, or null
 * @param diagnostic the server's reply or the local reason, in one line; may be empty
 */
public record Report(
        Recipient recipient,
        EnhancedStatus status,
        @Nullable String mta,
        String diagnostic) {
    /** The status of a recipient if the message was sent but no reply arrived, so that its delivery is uncertain. RFC 3463, 3.5. */
    public static final EnhancedStatus UNCERTAIN = new EnhancedStatus(4, 4, 2);

    /** Returns whether the recipient may have received the message although it counts as failed. */
    boolean isUncertain() {
        return status.equals(UNCERTAIN);
    }
}
