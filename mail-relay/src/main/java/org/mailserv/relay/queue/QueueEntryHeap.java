package org.mailserv.relay.queue;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A heap of entries by a time, the earliest first. Each entry knows its position, so that it can be removed from the middle. */
abstract class QueueEntryHeap {
    private @Nullable QueueEntry[] entries = new @Nullable QueueEntry[64];
    private int size;

    /** Orders entries by the time of the next attempt. */
    static final class Due extends QueueEntryHeap {
        @Override
        long time(QueueEntry entry) {
            return entry.due;
        }

        @Override
        int index(QueueEntry entry) {
            return entry.dueIndex;
        }

        @Override
        void setIndex(QueueEntry entry, int index) {
            entry.dueIndex = index;
        }
    }

    /** Orders entries by the time of the next warning or end. */
    static final class Deadlines extends QueueEntryHeap {
        @Override
        long time(QueueEntry entry) {
            return entry.deadline;
        }

        @Override
        int index(QueueEntry entry) {
            return entry.deadlineIndex;
        }

        @Override
        void setIndex(QueueEntry entry, int index) {
            entry.deadlineIndex = index;
        }
    }

    abstract long time(QueueEntry entry);

    abstract int index(QueueEntry entry);

    abstract void setIndex(QueueEntry entry, int index);

    int size() {
        return size;
    }

    /** Returns the earliest entry, or null. */
    @Nullable
    QueueEntry peek() {
        return size == 0 ? null : entries[0];
    }

    /** Visits all entries in no order. Their times may be changed, all by the same amount. */
    void forEach(Consumer<QueueEntry> action) {
        for (int i = 0; i < size; i++) {
            QueueEntry entry = entries[i];
            if (entry != null) {
                action.accept(entry);
            }
        }
    }

    /** Adds an entry, or moves it after its time has changed. */
    void put(QueueEntry entry) {
        int index = index(entry);
        if (index < 0) {
            if (size == entries.length) {
                entries = Arrays.copyOf(entries, size + (size >> 1));
            }
            index = size++;
            place(entry, index);
        }
        up(entry, index);
        down(entry, index(entry));
    }

    void remove(QueueEntry entry) {
        int index = index(entry);
        if (index < 0) {
            return;
        }
        setIndex(entry, -1);
        QueueEntry last = at(--size);
        entries[size] = null;
        if (last != entry) {
            place(last, index);
            up(last, index);
            down(last, index(last));
        }
    }

    private QueueEntry at(int index) {
        QueueEntry entry = entries[index];
        if (entry == null) {
            throw new IllegalStateException("heap: no entry at " + index + " of " + size);
        }
        return entry;
    }

    private void place(QueueEntry entry, int index) {
        entries[index] = entry;
        setIndex(entry, index);
    }

    private void up(QueueEntry entry, int from) {
        int index = from;
        while (index > 0) {
            int above = (index - 1) >>> 1;
            QueueEntry parent = at(above);
            if (time(parent) <= time(entry)) {
                break;
            }
            place(parent, index);
            index = above;
        }
        place(entry, index);
    }

    private void down(QueueEntry entry, int from) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && time(at(child + 1)) < time(at(child))) {
                child++;
            }
            QueueEntry smaller = at(child);
            if (time(entry) <= time(smaller)) {
                break;
            }
            place(smaller, index);
            index = child;
        }
        place(entry, index);
    }
}
