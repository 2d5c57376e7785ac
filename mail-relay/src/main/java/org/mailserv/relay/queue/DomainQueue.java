package org.mailserv.relay.queue;

import org.jspecify.annotations.Nullable;

/** The messages that wait for one domain, and its known destination. Confined to the relay's loop. */
final class DomainQueue extends FailureHistory {
    /** The name of the queue for recipients with local mailboxes. */
    static final String LOCAL = "";

    final String name;
    private @Nullable QueueEntry head;
    private @Nullable QueueEntry tail;
    /** Number of entries in the index, in any place. */
    int entries;
    /** Number of entries in the list. */
    int ready;

    @Nullable
    DestinationQueue queue;

    boolean inRing;
    boolean resolving;
    long resolvedUntil;

    DomainQueue(String name) {
        this.name = name;
    }

    /** Returns the reason why mail could not be sent at the last attempt, or null if there is none. */
    @Nullable
    Problem lastProblem() {
        DestinationQueue hosts = queue;
        return problem != null ? problem : hosts == null ? null : hosts.problem;
    }

    boolean isLocal() {
        return name.equals(LOCAL);
    }

    void addLast(QueueEntry entry) {
        entry.place = QueueEntry.Place.READY;
        entry.previous = tail;
        entry.next = null;
        if (tail == null) {
            head = entry;
        } else {
            tail.next = entry;
        }
        tail = entry;
        ready++;
    }

    void addFirst(QueueEntry entry) {
        entry.place = QueueEntry.Place.READY;
        entry.previous = null;
        entry.next = head;
        if (head == null) {
            tail = entry;
        } else {
            head.previous = entry;
        }
        head = entry;
        ready++;
    }

    /** Removes and returns the first entry, or returns null. */
    @Nullable
    QueueEntry poll() {
        QueueEntry first = head;
        if (first != null) {
            remove(first);
        }
        return first;
    }

    /** Removes an entry from the list, at any position. */
    void remove(QueueEntry entry) {
        QueueEntry before = entry.previous;
        QueueEntry after = entry.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before;
        }
        entry.previous = null;
        entry.next = null;
        ready--;
    }
}
