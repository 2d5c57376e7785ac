package org.mailserv.server.spool;

import java.util.concurrent.atomic.AtomicLong;

/** The octets of message bodies held in memory, and their limit. Thread-safe. */
public final class MemoryBudget {
    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /** @param limit octets of all bodies together */
    public MemoryBudget(long limit) {
        this.limit = limit;
    }

    /**
     * Reserves octets, even beyond the limit. The caller releases them in either case.
     *
     * @return whether the total is within the limit
     */
    public boolean reserve(long octets) {
        return used.addAndGet(octets) <= limit;
    }

    public void release(long octets) {
        used.addAndGet(-octets);
    }

    /** Returns the octets held now. */
    public long used() {
        return used.get();
    }
}
