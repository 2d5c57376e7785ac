package org.mailserv.relay.bounce;

import java.util.concurrent.CompletionStage;

/** Notifies senders of failures, delays and successful deliveries. */
public interface Notifier {
    /**
     * Sends a notice about the recipients for which the sender requested it.
     *
     * @return completes when the notice is durable in the spool or none is wanted; completes exceptionally if it could not be stored,
     *     and the caller must try again
     */
    CompletionStage<Void> send(Notice notice);
}
