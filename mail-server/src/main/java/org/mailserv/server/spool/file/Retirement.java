package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties segments so that they can be used again: mailbox files are synced, and what is not delivered becomes send files. A segment
 * that cannot be emptied is kept and tried again: until then the journal still answers for it. Also keeps an eye on the room on the
 * disk.
 */
final class Retirement {
    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(100);
    private static final long RETRY_MILLIS = 1_000;

    private final FileSpoolConfig config;
    private final Disk disk;
    private final LocalMailboxes mailboxes;
    private final QueueFolder queue;
    private final DeliverySync deliverySync;
    private final Predicate<LiveMessage> isCurrent;
    private final LeftDeletions leftDeletions;
    private final Deque<Segment> full = new ArrayDeque<>();
    private final List<Segment> stillRead = new ArrayList<>();
    private final Thread thread;
    private final long lookNanos;
    private long lookedAt = System.nanoTime();

    private @Nullable Journal journal;
    // Full segments that wait for no reason but that most of what is in them will be settled, and written by the
    // system, soon.
    private final int resting;
    private boolean closed;
    private volatile boolean room = true;

    /**
     * @param isCurrent whether a message has not been settled
     * @param leftDeletions used by this thread alone from now on
     */
    Retirement(
            FileSpoolConfig config,
            Disk disk,
            LocalMailboxes mailboxes,
            QueueFolder queue,
            DeliverySync deliverySync,
            Predicate<LiveMessage> isCurrent,
            LeftDeletions leftDeletions) {
        this.config = config;
        this.disk = disk;
        this.mailboxes = mailboxes;
        this.queue = queue;
        this.deliverySync = deliverySync;
        this.isCurrent = isCurrent;
        this.leftDeletions = leftDeletions;
        this.resting = config.maxSegments() / 2 - 1;
        this.thread = new Thread(this::run, "retirement");
        thread.setDaemon(true);
        long age = config.segmentAge().toNanos();
        this.lookNanos = Math.max(SHORTEST_LOOK.toNanos(), Math.min(LOOK.toNanos(), age));
    }

    void start(Journal log) {
        journal = log;
        look();
        thread.start();
    }

    /** Whether the disk has more room than the mark. */
    boolean hasRoom() {
        return room;
    }

    synchronized void add(Segment segment) {
        full.add(segment);
        notifyAll();
    }

    /** Retires what was given, tries that for 20 seconds at most, and stops. Blocks. */
    void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.join(20_000);
    }

    private void run() {
        try {
            while (true) {
                Segment segment = next();
                if (segment == null) {
                    return;
                }
                if (!retire(segment)) {
                    putBack(segment);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void putBack(Segment segment) throws InterruptedException {
        synchronized (this) {
            full.addFirst(segment);
            wait(RETRY_MILLIS);
        }
    }

    private @Nullable Segment next() throws InterruptedException {
        while (true) {
            // Also when segments come one behind the other.
            if (System.nanoTime() - lookedAt > lookNanos) {
                look();
                lookedAt = System.nanoTime();
            }
            recycleUnread();
            synchronized (this) {
                Segment segment = full.peek();
                if (segment != null && (closed || full.size() > resting || isOld(segment))) {
                    return full.poll();
                }
                if (closed) {
                    return null;
                }
                wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(lookNanos)));
            }
        }
    }

    private boolean isOld(Segment segment) {
        return System.nanoTime() - segment.openedNanos >= config.segmentAge().toNanos();
    }

    private void look() {
        try {
            leftDeletions.retry();
            boolean enough = disk.freeFraction(config.folder()) >= config.freeSpaceMark();
            if (enough != room) {
                room = enough;
                LOG.warn(
                        "event=disk-space enough={} mark={} folder={}",
                        enough,
                        config.freeSpaceMark(),
                        config.folder());
            }
            Journal log = journal;
            if (log != null && !log.isHealthy()) {
                log.append(new Probe());
            }
        } catch (IOException e) {
            LOG.warn("event=disk-space-unknown folder={} reason={}", config.folder(), e.toString());
        }
    }

    /** True when the segment holds nothing any more that is needed. */
    private boolean retire(Segment segment) throws InterruptedException {
        if (!segment.awaitAccepted(60_000)) {
            LOG.warn("event=segment-busy segment={}", segment.number);
            return false;
        }
        try {
            syncDeliveries(segment);
            storeMessages(segment);
            storeStates(segment);
            finishDeletions(segment);
            deleteIncoming(segment);
            // Only now may the records go; and they must, or an old one would bring a deleted message back.
            segment.file.write(ByteBuffer.allocate(Journal.HEADER), 0);
            segment.file.sync();
            recycle(segment);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.error("event=retire-failed segment={} reason={}", segment.number, e.toString());
            return false;
        }
    }

    private void syncDeliveries(Segment segment) throws IOException {
        Map<LocalMailboxes.Delivered, LiveMessage> deliveries = segment.deliveries();
        Map<QueueId, LiveMessage> byId = new HashMap<>();
        deliveries.values().forEach(message -> byId.put(message.id, message));
        deliverySync.sync(deliveries.keySet(), id -> open(segment, byId.get(id)));
    }

    private StoredMessage open(Segment segment, @Nullable LiveMessage message)
            throws IOException, SendFile.MalformedSendFileException {
        if (message == null) {
            throw new IOException("not of segment " + segment.number);
        } else if (message.length > 0) {
            return FileSpool.openSegment(message.hold(segment), null);
        }
        Path file = incoming(message.id);
        if (message.mailboxForm && disk.exists(file)) {
            return FileSpool.openMailboxForm(disk, file, message.hold(segment), null);
        }
        return FileSpool.stored(disk.exists(file) ? QueueFolder.open(disk, file) : queue.open(message.id), null);
    }

    private void storeMessages(Segment segment) throws IOException {
        List<QueueId> stored = new ArrayList<>();
        List<LiveMessage> messages = segment.messages();
        QueueBatch batch = queue.batch();
        Map<LiveMessage, MessageState> states = new HashMap<>();
        for (LiveMessage message : messages) {
            if (!isCurrent.test(message)) {
                continue;
            }
            if (message.length > 0) {
                batch.message(message.id, segment.file.channel(), message.offset, message.length);
            } else if (disk.exists(incoming(message.id))) {
                takeIncoming(segment, message, batch);
            }
            writeState(message, batch, states);
            stored.add(message.id);
        }
        batch.finish(stored);
        states.forEach(Retirement::forget);
        for (LiveMessage message : messages) {
            synchronized (message) {
                message.segment = null;
                if (!message.settled) {
                    continue;
                }
            }
            queue.delete(message.id);
        }
    }

    private void takeIncoming(Segment segment, LiveMessage message, QueueBatch batch) throws IOException {
        if (!message.mailboxForm) {
            queue.adopt(message.id, incoming(message.id));
            return;
        }
        try (StoredMessage stored = open(segment, message)) {
            batch.message(stored, SendFile.write(stored.envelope()));
        } catch (SendFile.MalformedSendFileException e) {
            throw new IOException("message " + message.id + ": " + e.getMessage(), e);
        }
    }

    private void storeStates(Segment segment) throws IOException {
        List<QueueId> deleted = new ArrayList<>();
        QueueBatch batch = queue.batch();
        Map<LiveMessage, MessageState> states = new HashMap<>();
        for (LiveMessage message : segment.states()) {
            boolean settled;
            boolean inSegment;
            synchronized (message) {
                settled = message.settled;
                inSegment = message.segment != null;
            }
            if (inSegment) {
                // Its own segment comes later, and writes the state.
                continue;
            }
            if (settled) {
                queue.delete(message.id);
                deleted.add(message.id);
            } else {
                writeState(message, batch, states);
            }
        }
        batch.finish(deleted);
        states.forEach(Retirement::forget);
        for (LiveMessage message : states.keySet()) {
            synchronized (message) {
                if (!message.settled) {
                    continue;
                }
            }
            // Whoever settled it meanwhile may have deleted its files before the state got its name.
            queue.delete(message.id);
        }
    }

    private static void writeState(LiveMessage message, QueueBatch batch, Map<LiveMessage, MessageState> states)
            throws IOException {
        MessageState state;
        synchronized (message) {
            state = message.state;
        }
        if (state != null) {
            batch.state(message.id, state);
            states.put(message, state);
        }
    }

    /** A state that is in its file need not be held, unless there is a later one. */
    private static void forget(LiveMessage message, MessageState state) {
        synchronized (message) {
            if (message.state == state) {
                message.state = null;
            }
        }
    }

    /** Whoever deletes does so behind the record, and may not have come to it: without the record nobody would do it. */
    private void finishDeletions(Segment segment) throws IOException {
        leftDeletions.delete(segment.deletions());
    }

    private void deleteIncoming(Segment segment) throws IOException {
        for (QueueId id : segment.incoming()) {
            disk.delete(incoming(id));
        }
    }

    private Path incoming(QueueId id) {
        return config.folder().resolve("incoming").resolve(id.toString());
    }

    private void recycle(Segment segment) throws IOException {
        if (segment.hasReaders()) {
            stillRead.add(segment);
            return;
        }
        segment.file.close();
        Journal log = journal;
        if (log != null) {
            log.recycle(segment.path);
        }
    }

    private void recycleUnread() {
        for (Segment segment : List.copyOf(stillRead)) {
            if (!segment.hasReaders()) {
                stillRead.remove(segment);
                try {
                    recycle(segment);
                } catch (IOException e) {
                    LOG.warn("event=segment-close-failed segment={} reason={}", segment.number, e.toString());
                }
            }
        }
    }

    /** Writes nothing of value: a write that goes well says that the disk is back. */
    private static final class Probe extends Journal.Entry {
        Probe() {
            super(Journal.KIND_PROBE);
        }

        @Override
        int length() {
            return 0;
        }

        @Override
        void writeTo(ByteBuffer target) {
            // Nothing to write.
        }

        @Override
        void durable(Segment segment) {
            LOG.warn("event=disk-back");
        }

        @Override
        void failed(SpoolException failure) {
            LOG.warn("event=disk-still-failing reason={}", failure.getMessage());
        }
    }
}
