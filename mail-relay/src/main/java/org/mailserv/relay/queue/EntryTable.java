package org.mailserv.relay.queue;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/** Messages by id: a hash table with open addressing, one reference per slot, that holds one entry of each message's ring. */
final class EntryTable {
    private @Nullable Entry[] slots = new @Nullable Entry[256];
    private volatile int size;

    int size() {
        return size;
    }

    /** Returns the size for other threads, which may be slightly out of date. */
    int sizeSeen() {
        return size;
    }

    @Nullable
    Entry get(QueueId id) {
        int mask = slots.length - 1;
        for (int i = Entry.hash(id.high()) & mask; ; i = i + 1 & mask) {
            Entry entry = slots[i];
            if (entry == null || entry.is(id)) {
                return entry;
            }
        }
    }

    /** Adds an entry, replacing another one of the same message. */
    void put(Entry entry) {
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
        int i = Entry.hash(id.high()) & mask;
        while (true) {
            Entry entry = slots[i];
            if (entry == null || entry.is(id)) {
                return i;
            }
            i = i + 1 & mask;
        }
    }

    private void grow() {
        @Nullable Entry[] old = slots;
        slots = new @Nullable Entry[old.length * 2];
        for (Entry entry : old) {
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
            Entry entry = slots[i];
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
    void forEach(Consumer<Entry> action) {
        for (Entry entry : slots) {
            if (entry != null) {
                action.accept(entry);
            }
        }
    }
}
