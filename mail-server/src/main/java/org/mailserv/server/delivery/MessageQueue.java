package org.mailserv.server.delivery;

import org.mailserv.server.spool.QueuedMessage;

/** The queue for messages that were not delivered at once. The relay implements it. */
public interface MessageQueue {
    /** Queues a message that is in the spool already. Does not block; any thread. */
    void enqueue(QueuedMessage message);
}
