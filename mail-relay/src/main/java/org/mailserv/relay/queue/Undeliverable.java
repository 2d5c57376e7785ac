package org.mailserv.relay.queue;

import java.time.Duration;

/** Handles entries whose destination is unreachable. Used on the relay's event loop only. */
interface Undeliverable {
    /** Defers one entry, as after an attempt that failed with the whole destination. */
    void defer(QueueEntry entry, Problem problem);

    /** Bounces all entries of a domain. */
    void refuseAll(DomainQueue domain, Problem problem);

    /** Runs a task after the back-off of a domain. */
    void retryLater(DomainQueue domain, Duration wait, Runnable task);
}
