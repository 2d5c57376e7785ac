package org.mailserv.relay.smtp;

import java.util.List;
import java.util.function.Consumer;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.Envelope;

/**
 * One message on its way to one server: what is sent in one transaction.
 *
 * @param envelope of the message
 * @param reversePath that the message goes out with
 * @param recipients indexes into the envelope's recipients, at least one
 * @param content of the message; closed by {@link #finish}'s receiver
 * @param done gets the result once, on the connection's event loop
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

    /** Ends it. */
    void finish(DeliveryResult result) {
        done.accept(result);
    }
}
