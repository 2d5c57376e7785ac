package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that empties full segments so that their files can be reused. A segment that cannot be emptied is kept and tried again: until
 * then its records are still needed. The thread also checks the disk regularly.
 */
final class Retirement {
    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);
    private static final Duration LONGEST_CHECK_INTERVAL = Duration.ofSeconds(5);
    private static final Duration SHORTEST_CHECK_INTERVAL = Duration.ofMillis(100);
    private static final long RETRY_MILLIS = 1_000;
    private static final long ACCEPTANCE_MILLIS = 60_000;
    private static final long CLOSE_MILLIS = 20_000;

    private final FullSegments full;
    private final SegmentFiles files;
    private final SegmentTransfer transfer;
    private final DiskWatch diskWatch;
    private final List<Segment> stillRead = new ArrayList<>();
    private final Thread thread;
    private final long checkNanos;
    private long checkedAt = System.nanoTime();

    /**
     * @param full the segments to retire
     * @param files takes the files of retired segments
     * @param transfer used by this thread only
     */
    Retirement(
            FileSpoolConfig config,
            FullSegments full,
            SegmentFiles files,
            SegmentTransfer transfer,
            DiskWatch diskWatch) {
        this.full = full;
        this.files = files;
        this.transfer = transfer;
        this.diskWatch = diskWatch;
        this.thread = new Thread(this::run, "retirement");
        thread.setDaemon(true);
        long age = config.segmentAge().toNanos();
        this.checkNanos = Math.max(SHORTEST_CHECK_INTERVAL.toNanos(), Math.min(LONGEST_CHECK_INTERVAL.toNanos(), age));
    }

    /** Checks the disk and starts the thread. Blocks. */
    void start() {
        diskWatch.check();
        thread.start();
    }

    /** Retires all segments, for 20 seconds at most, and stops. Blocks. */
    void close() throws InterruptedException {
        full.close();
        thread.join(CLOSE_MILLIS);
    }

    private void run() {
        try {
            while (true) {
                Segment segment = next();
                if (segment == null) {
                    return;
                }
                if (!retire(segment)) {
                    full.putBack(segment, RETRY_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a segment; returns null at the end. */
    private @Nullable Segment next() throws InterruptedException {
        while (true) {
            // Checked here, and not only after a wait, because segments may follow each other without one.
            if (System.nanoTime() - checkedAt > checkNanos) {
                diskWatch.check();
                checkedAt = System.nanoTime();
            }
            recycleUnread();
            Segment segment = full.poll(Math.max(1, TimeUnit.NANOSECONDS.toMillis(checkNanos)));
            if (segment != null || full.isFinished()) {
                return segment;
            }
        }
    }

    /** Returns whether nothing in the segment is needed any more. */
    private boolean retire(Segment segment) throws InterruptedException {
        if (!segment.awaitAccepted(ACCEPTANCE_MILLIS)) {
            LOG.warn("event=segment-busy segment={}", segment.number);
            return false;
        }
        try {
            transfer.transfer(segment);
            // Only now may the records be erased. They must be, because an old record would bring back a message
            // deleted since.
            segment.file.write(ByteBuffer.allocate(Journal.HEADER), 0);
            segment.file.sync();
            recycle(segment);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.error("event=retire-failed segment={} reason=\"{}\"", segment.number, Failures.text(e));
            return false;
        }
    }

    private void recycle(Segment segment) throws IOException {
        if (segment.hasReaders()) {
            stillRead.add(segment);
            return;
        }
        segment.file.close();
        files.recycle(segment.path);
    }

    private void recycleUnread() {
        for (Segment segment : List.copyOf(stillRead)) {
            if (!segment.hasReaders()) {
                stillRead.remove(segment);
                try {
                    recycle(segment);
                } catch (IOException e) {
                    LOG.warn("event=segment-close-failed segment={} reason=\"{}\"", segment.number, Failures.text(e));
                }
            }
        }
    }
}
