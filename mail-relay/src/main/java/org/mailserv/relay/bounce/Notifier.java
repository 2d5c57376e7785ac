package org.mailserv.relay.bounce;

import java.util.concurrent.CompletionStage;

/** Tells senders what became of their messages. */
public interface Notifier {
    /**
     * Sends a notice as far as its sender wants to hear it.
     *
     * @return completes when it is in the spool, or nothing is to be sent; fails when it could not be stored, and then has to be tried
     *     again
     */
    CompletionStage<Void> send(Notice notice);
}
