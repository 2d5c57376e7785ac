package org.mailserv.server.check.milter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The commands that wait to be sent to a filter. It tells its producer to pause above a high-water mark. Any thread. */
final class MilterQueue {
    private static final int HIGH_WATER_MARK = 256 << 10;
    private static final int LOW_WATER_MARK = 64 << 10;
    private static final int OVERHEAD = 64;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private @Nullable CompletableFuture<Void> drained;
    private long octets;

    /**
     * A command on its way to the filter.
     *
     * @param macros the macros to send before the command, or null
     * @param verdict completed with the filter's verdict on this command alone, or null when the verdict is on the whole message
     */
    record Entry(
            MilterCommand command,
            byte[] data,
            @Nullable Map<String, String> macros,
            @Nullable CompletableFuture<MilterAnswer> verdict) {
        int length() {
            return data.length + OVERHEAD;
        }

        /** Completes the verdict on a command that the filter does not object to. */
        void pass() {
            if (verdict != null) {
                verdict.complete(MilterAnswer.CONTINUE);
            }
        }
    }

    synchronized void add(Entry entry) {
        entries.add(entry);
        octets += entry.length();
        if (octets > HIGH_WATER_MARK && drained == null) {
            drained = new CompletableFuture<>();
        }
    }

    /** Returns a stage that completes when the queue has room for more commands. */
    synchronized CompletionStage<Void> ready() {
        return drained == null ? CompletableFuture.completedFuture(null) : drained;
    }

    /** Removes the next command, or returns null when there is none. */
    @Nullable
    Entry poll() {
        Entry next;
        CompletableFuture<Void> full = null;
        synchronized (this) {
            next = entries.poll();
            octets -= next == null ? 0 : next.length();
            if (octets < LOW_WATER_MARK) {
                full = drained;
                drained = null;
            }
        }
        // Completed outside the lock, because the producer continues on this thread.
        if (full != null) {
            full.complete(null);
        }
        return next;
    }

    /** Removes all commands, and lets the producer continue. */
    void clear() {
        CompletableFuture<Void> full;
        synchronized (this) {
            entries.clear();
            octets = 0;
            full = drained;
            drained = null;
        }
        if (full != null) {
            full.complete(null);
        }
    }
}
