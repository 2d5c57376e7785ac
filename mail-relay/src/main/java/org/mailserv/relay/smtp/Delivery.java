package org.mailserv.relay.smtp;

import java.util.List;
import java.util.function.Consumer;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.Envelope;

/**
 * A message with the recipients that are sent to one server in one transaction.
 *
 * @param envelope the envelope of the message
 * @param reversePath the reverse-path for MAIL
 * @param recipients indexes into the envelope's recipients, at least one
 * @param content the content; the receiver of the result closes it
 * @param done receives the result once, on the connection's event loop
 */
public record Delivery(
        Envelope envelope,
        ReversePath reversePath,
        List<Integer> recipients,
        OutgoingContent content,
        Consumer<DeliveryResult> done) {
    public Delivery {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("recipients: none (expected: at least one)");
        }
        recipients = List.copyOf(recipients);
    }

    /** Completes the delivery. */
    void finish(DeliveryResult result) {
        done.accept(result);
    }
}
