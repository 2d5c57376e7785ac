package org.mailserv.relay.smtp;

import java.util.List;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.Envelope;

/**
 * A message with the recipients that are sent to one server in one transaction.
 *
 * @param envelope the envelope of the message
 * @param reversePath the reverse-path for MAIL
 * @param recipients indexes into the envelope's recipients, at least one
 * @param content the content; the receiver of the result closes it
 * @param listener receives the result, on the connection's event loop
 */
public record Delivery(
        Envelope envelope,
        ReversePath reversePath,
        List<Integer> recipients,
        OutgoingContent content,
        Listener listener) {
    /** Receives what becomes of a delivery. */
    public interface Listener {
        /** The delivery is complete. Called once. */
        void finished(DeliveryResult result);

        /**
         * The message was sent, but its reply did not arrive: the server may have accepted it, and the next attempt may send it twice. Called
         * before {@link #finished}.
         *
         * @param mta the server, {@code mx.example.org [192.0.2.1]}
         */
        default void mayBeSentTwice(String mta, String reason) {}
    }

    public Delivery {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("recipients: none (expected: at least one)");
        }
        recipients = List.copyOf(recipients);
    }

    /** Completes the delivery. */
    void finish(DeliveryResult result) {
        listener.finished(result);
    }
}
