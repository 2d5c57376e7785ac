package org.mailserv.relay.queue;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/** Messages by id: a hash table with open addressing, one reference per slot, that holds one entry of each message's ring. */
final class QueueEntryTable {
    private @Nullable QueueEntry[] slots = new @Nullable QueueEntry[256];
    private volatile int size;

    int size() {
        return size;
    }

    /** Returns the size for other threads, which may be slightly out of date. */
    int sizeSeen() {
        return size;
    }

    @Nullable
    QueueEntry get(QueueId id) {
        int mask = slots.length - 1;
        for (int i = QueueEntry.hash(id.high()) & mask; ; i = i + 1 & mask) {
            QueueEntry entry = slots[i];
            if (entry == null || entry.is(id)) {
                return entry;
            }
        }
    }

    /** Adds an entry, replacing another one of the same message. */
    void put(QueueEntry entry) {
        if (size * 3 > slots.length * 2) {
            grow();
        }
        int i = slot(entry.id());
        if (slots[i] == null) {
            size = size + 1;
        }
        slots[i] = entry;
    }

    private int slot(QueueId id) {
        int mask = slots.length - 1;
        int i = QueueEntry.hash(id.high()) & mask;
        while (true) {
            QueueEntry entry = slots[i];
            if (entry == null || entry.is(id)) {
                return i;
            }
            i = i + 1 & mask;
        }
    }

    private void grow() {
        @Nullable QueueEntry[] old = slots;
        slots = new @Nullable QueueEntry[old.length * 2];
        for (QueueEntry entry : old) {
            if (entry != null) {
                slots[slot(entry.id())] = entry;
            }
        }
    }

    /** Removes a message and closes the gap. */
    void remove(QueueId id) {
        int mask = slots.length - 1;
        int gap = slot(id);
        if (slots[gap] == null) {
            return;
        }
        size = size - 1;
        slots[gap] = null;
        for (int i = gap + 1 & mask; ; i = i + 1 & mask) {
            QueueEntry entry = slots[i];
            if (entry == null) {
                return;
            }
            int home = entry.hash() & mask;
            if ((i - home & mask) >= (i - gap & mask)) {
                slots[gap] = entry;
                slots[i] = null;
                gap = i;
            }
        }
    }

    /** Visits one entry of each message, in no order. */
    void forEach(Consumer<QueueEntry> action) {
        for (QueueEntry entry : slots) {
            if (entry != null) {
                action.accept(entry);
            }
        }
    }
}
