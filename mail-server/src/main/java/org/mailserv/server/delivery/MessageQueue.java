package org.mailserv.server.delivery;

import org.mailserv.server.spool.QueuedMessage;

/** Takes what could not be delivered on the spot: the relay's queue, seen from below. */
public interface MessageQueue {
    /** Any thread; returns at once. The message is in the spool already. */
    void enqueue(QueuedMessage message);
}
