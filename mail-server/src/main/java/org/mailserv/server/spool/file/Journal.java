package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only log that syncs once for all waiting entries. One thread takes everything that waits, writes it in one piece, syncs, and
 * completes it; the next group gathers during the sync. States that nobody waits for gather a little longer, or until somebody waits for
 * another entry. Otherwise a relay with one connection would cause a sync for each message.
 *
 * <p>A record: length of the payload (4), kind (1), zeros (3), segment number (8), CRC32C over these and the payload (4), payload, zeros to
 * a multiple of 8. The segment number distinguishes a record from the remains of an earlier use of the file.
 */
final class Journal {
    static final int HEADER = 20;
    static final byte KIND_MESSAGE = 1;
    static final byte KIND_MESSAGE_FILE = 2;
    static final byte KIND_STATE = 3;
    static final byte KIND_DELETED = 4;
    static final byte KIND_PROBE = 5;
    static final byte KIND_MAILBOX_FILE = 6;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int STAGING = 1 << 20;
    private static final long SAY_EVERY = TimeUnit.SECONDS.toNanos(10);

    private final FileSpoolConfig config;
    private final SegmentFiles files;
    private final FullSegments full;
    private final Thread writer;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    // The number of waiting entries that somebody waits for.
    private int urgent;

    private ByteBuffer staging = ByteBuffer.allocateDirect(STAGING);
    private long saidAt = System.nanoTime() - SAY_EVERY;
    private int unsaid;
    private @Nullable Segment current;
    private boolean closed;
    private volatile boolean healthy = true;
    private volatile long syncs;

    /** Something to be made durable. Exactly one of the two outcomes is called, on the writer's thread. */
    abstract static class Entry {
        final byte kind;
        int offset;

        Entry(byte kind) {
            this.kind = kind;
        }

        /** Returns whether somebody waits for it, such as a client. */
        boolean isUrgent() {
            return kind != KIND_STATE;
        }

        abstract int length();

        abstract void writeTo(ByteBuffer target);

        /** @param segment contains the payload at {@link #offset} */
        abstract void durable(Segment segment);

        abstract void failed(SpoolException failure);
    }

    /**
     * @param files provides the segments
     * @param full receives the full segments
     */
    Journal(FileSpoolConfig config, SegmentFiles files, FullSegments full) {
        this.config = config;
        this.files = files;
        this.full = full;
        this.writer = new Thread(this::run, "journal");
        writer.setDaemon(true);
        writer.start();
    }

    /** Adds an entry. Any thread may call it; it returns at once. */
    void append(Entry entry) {
        synchronized (waiting) {
            if (!closed) {
                waiting.add(entry);
                boolean first = entry.isUrgent() && urgent++ == 0;
                if (first || waiting.size() == 1) {
                    waiting.notifyAll();
                }
                return;
            }
        }
        entry.failed(new SpoolException(SpoolException.Reason.CLOSED, "the spool is closed"));
    }

    /** Returns whether the last write succeeded. */
    boolean isHealthy() {
        return healthy;
    }

    /** Returns the number of syncs so far, which shows how many messages share one. */
    long syncs() {
        return syncs;
    }

    /** Writes what waits, passes the last segment on to be retired, and stops. Blocks. */
    void close() throws InterruptedException {
        synchronized (waiting) {
            closed = true;
            waiting.notifyAll();
        }
        writer.join();
    }

    private void run() {
        List<Entry> batch = new ArrayList<>();
        try {
            while (take(batch)) {
                if (!batch.isEmpty()) {
                    write(batch);
                    batch.clear();
                }
                retireIfOld();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Without its writer the server cannot accept mail. All waiting entries fail, and new ones must not wait
            // for ever.
            LOG.error("event=journal-failed", e);
            healthy = false;
            failAll(batch, e);
        } finally {
            synchronized (waiting) {
                closed = true;
                batch.addAll(waiting);
                waiting.clear();
            }
            Segment last = current;
            current = null;
            if (last != null) {
                full.add(last);
            }
        }
    }

    private void failAll(List<Entry> batch, Throwable cause) {
        synchronized (waiting) {
            closed = true;
            batch.addAll(waiting);
            waiting.clear();
        }
        SpoolException failure = new SpoolException(SpoolException.Reason.IO_ERROR, "journal: " + cause, cause);
        batch.forEach(entry -> entry.failed(failure));
    }

    /** Waits for entries, or until the age of the segment has to be checked. Returns false when closed and empty. */
    private boolean take(List<Entry> batch) throws InterruptedException {
        synchronized (waiting) {
            if (waiting.isEmpty() && !closed) {
                waiting.wait(Math.max(1, Math.min(1000, config.segmentAge().toMillis())));
            }
            gather();
            batch.addAll(waiting);
            waiting.clear();
            urgent = 0;
            return !batch.isEmpty() || !closed;
        }
    }

    /** Waits for more entries while only states wait. */
    private void gather() throws InterruptedException {
        long end = System.nanoTime() + config.stateDelay().toNanos();
        while (urgent == 0 && !waiting.isEmpty() && !closed) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(waiting, left);
        }
    }

    private void retireIfOld() {
        Segment segment = current;
        if (segment != null
                && segment.position > 0
                && System.nanoTime() - segment.openedNanos > config.segmentAge().toNanos()) {
            current = null;
            full.add(segment);
        }
    }

    private void write(List<Entry> batch) throws InterruptedException {
        int done = 0;
        while (done < batch.size()) {
            int start = done;
            try {
                Segment segment = segmentFor(record(batch.get(start)));
                int written = segment.position;
                while (done < batch.size() && written + record(batch.get(done)) <= config.segmentSize()) {
                    written += record(batch.get(done++));
                }
                writeGroup(segment, batch.subList(start, done));
                healthy = true;
            } catch (IOException e) {
                done = Math.max(done, start + 1);
                fail(batch.subList(start, done), e);
            }
        }
    }

    private static int record(Entry entry) {
        return HEADER + entry.length() + 7 & ~7;
    }

    private void fail(List<Entry> group, IOException problem) {
        healthy = false;
        say(group.size(), problem);
        Segment broken = current;
        current = null;
        if (broken != null) {
            erase(broken);
            full.add(broken);
        }
        SpoolException failure = SpoolException.ofDisk("journal", problem);
        group.forEach(entry -> entry.failed(failure));
    }

    /** Limits the log lines while the disk fails: one for each state would be too many. */
    private void say(int entries, IOException problem) {
        unsaid += entries;
        long now = System.nanoTime();
        if (now - saidAt >= SAY_EVERY) {
            LOG.error("event=journal-write-failed records={} reason=\"{}\"", unsaid, Failures.text(problem));
            saidAt = now;
            unsaid = 0;
        }
    }

    /** Erases the header of the first refused record, so that neither it nor anything after it returns after a crash. */
    private void erase(Segment segment) {
        try {
            segment.file.write(ByteBuffer.allocate(HEADER), segment.position);
            segment.file.sync();
        } catch (IOException e) {
            LOG.warn("event=journal-erase-failed segment={} reason=\"{}\"", segment.number, Failures.text(e));
        }
    }

    private void writeGroup(Segment segment, List<Entry> group) throws IOException {
        int position = segment.position;
        int flushed = position;
        staging.clear();
        for (Entry entry : group) {
            int octets = record(entry);
            if (staging.remaining() < octets) {
                segment.file.write(staging.flip(), flushed);
                flushed = position;
                staging = staging.capacity() < octets ? ByteBuffer.allocateDirect(octets) : staging.clear();
            }
            entry.offset = position + HEADER;
            encode(entry, segment.number);
            position += octets;
        }
        segment.file.write(staging.flip(), flushed);
        segment.file.sync();
        syncs++;
        if (staging.capacity() > STAGING) {
            staging = ByteBuffer.allocateDirect(STAGING);
        }
        segment.position = position;
        group.forEach(entry -> entry.durable(segment));
    }

    private void encode(Entry entry, long number) {
        int start = staging.position();
        int length = entry.length();
        staging.putInt(length)
                .put(entry.kind)
                .put((byte) 0)
                .putShort((short) 0)
                .putLong(number)
                .putInt(0);
        entry.writeTo(staging);
        int end = start + HEADER + length;
        if (staging.position() != end) {
            throw new IllegalStateException(
                    "record: " + (staging.position() - start) + " (expected: " + (end - start) + ")");
        }
        staging.putInt(start + 16, crc(staging, start, length));
        while ((staging.position() - start & 7) != 0) {
            staging.put((byte) 0);
        }
    }

    /** Returns the checksum of the header without its checksum field, and of the payload. */
    static int crc(ByteBuffer record, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(record.duplicate().position(start).limit(start + 16));
        crc.update(record.duplicate().position(start + HEADER).limit(start + HEADER + length));
        return (int) crc.getValue();
    }

    private Segment segmentFor(int octets) throws IOException, InterruptedException {
        Segment segment = current;
        if (segment != null && segment.position + octets > config.segmentSize()) {
            current = null;
            full.add(segment);
            segment = null;
        }
        if (octets > config.segmentSize()) {
            throw new IOException("record of " + octets + " octets is larger than a segment");
        }
        if (segment == null) {
            segment = files.open();
            current = segment;
        }
        return segment;
    }
}
