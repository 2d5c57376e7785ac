package org.mailserv.relay.queue;

import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/**
 * A message for one domain, as the queue keeps it in memory while it waits: some 70 octets. Everything else is in the spool. Confined to
 * the relay's loop.
 */
final class QueueEntry {
    /** The structure that holds an entry. */
    enum Place {
        /** In the heap of due times. */
        WAITING,
        /** In the list of its domain. */
        READY,
        /** Being sent or settled. */
        ACTIVE,
        /** On hold. */
        HELD,
        /** No longer in the queue. */
        GONE
    }

    private final long high;
    private final short low;
    final DomainQueue domain;
    /** The other domains of the same message, in a ring. */
    QueueEntry sibling = this;

    @Nullable
    QueueEntry previous;

    @Nullable
    QueueEntry next;

    Place place = Place.WAITING;
    byte attempts;
    int dueIndex = -1;
    int deadlineIndex = -1;
    /** Time of the next attempt, in epoch milliseconds. */
    long due;
    /** Time of the next event without an attempt, a warning or the end, in epoch milliseconds. */
    long deadline;

    QueueEntry(QueueId id, DomainQueue domain) {
        high = id.high();
        low = id.low();
        this.domain = domain;
    }

    QueueId id() {
        return new QueueId(high, low);
    }

    boolean is(QueueId id) {
        return id.high() == high && id.low() == low;
    }

    static int hash(long high) {
        return (int) (high ^ high >>> 32) * 0x9E3779B9;
    }

    int hash() {
        return hash(high);
    }

    void joinRing(QueueEntry other) {
        sibling = other.sibling;
        other.sibling = this;
    }

    /** Leaves the ring, and returns another entry of the message, or null if this was the last. */
    @Nullable
    QueueEntry leaveRing() {
        if (sibling == this) {
            return null;
        }
        QueueEntry before = sibling;
        while (before.sibling != this) {
            before = before.sibling;
        }
        before.sibling = sibling;
        sibling = this;
        return before;
    }
}
