package org.mailserv.server.spool.file;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The segments that the journal has filled, in the order of their retirement. Thread-safe. */
final class FullSegments {
    private final FileSpoolConfig config;
    // This many full segments rest for a while: soon most of their messages will be settled, and written back by the
    // system.
    private final int resting;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private boolean closed;

    FullSegments(FileSpoolConfig config) {
        this.config = config;
        this.resting = config.maxSegments() / 2 - 1;
    }

    synchronized void add(Segment segment) {
        segments.add(segment);
        notifyAll();
    }

    /** Puts a segment that could not be retired first, and waits before the next attempt. */
    synchronized void putBack(Segment segment, long waitMillis) throws InterruptedException {
        segments.addFirst(segment);
        wait(waitMillis);
    }

    /** Returns the next segment to retire. If none is due, waits at most the given time for a change and returns null. */
    synchronized @Nullable Segment poll(long waitMillis) throws InterruptedException {
        Segment next = segments.peek();
        if (next != null && (closed || segments.size() > resting || isOld(next))) {
            return segments.poll();
        }
        if (!closed) {
            wait(waitMillis);
        }
        return null;
    }

    private boolean isOld(Segment segment) {
        return System.nanoTime() - segment.openedNanos >= config.segmentAge().toNanos();
    }

    /** Makes all segments due at once. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Returns whether this is closed and empty. */
    synchronized boolean isFinished() {
        return closed && segments.isEmpty();
    }
}
