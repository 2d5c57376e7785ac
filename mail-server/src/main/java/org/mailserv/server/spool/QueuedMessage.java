package org.mailserv.server.spool;

/** A message with recipients left to be tried, as the queue learns of it at its commit or at the start. */
public record QueuedMessage(Envelope envelope, MessageState state, long contentLength) {
    public QueueId id() {
        return envelope.id();
    }
}
