package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFault;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MailboxForm;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool in files: the journal is the promise, and files follow it. A message that is settled before its segment retires never
 * becomes a file.
 */
public final class FileSpool implements Spool {
    static final Logger LOG = LoggerFactory.getLogger(FileSpool.class);

    private final FileSpoolConfig config;
    private final Disk disk;
    private final DiskLanes lanes;
    private final LocalMailboxes mailboxes;
    private final QueueFolder queue;
    private final AtomicLong memory = new AtomicLong();
    private final ConcurrentMap<QueueId, LiveMessage> live = new ConcurrentHashMap<>();
    private final ByteBufAllocator allocator;
    private final SealedIds ids;
    private final RecentMessages recent;

    private @Nullable Journal journal;
    private @Nullable Retirement retirement;
    private @Nullable DeliverySync deliverySync;
    private final ReentrantLock reading = new ReentrantLock();
    private final CountDownLatch queueRead = new CountDownLatch(1);
    private volatile boolean queueComplete;
    private volatile boolean closed;

    /** @param ids of new messages */
    public FileSpool(FileSpoolConfig config, Disk disk, LocalMailboxes mailboxes, SealedIds ids) {
        this(config, disk, mailboxes, ids, ByteBufAllocator.DEFAULT);
    }

    FileSpool(FileSpoolConfig config, Disk disk, LocalMailboxes mailboxes, SealedIds ids, ByteBufAllocator allocator) {
        this.ids = ids;
        this.allocator = allocator;
        this.config = config;
        this.disk = disk;
        this.mailboxes = mailboxes;
        this.recent = new RecentMessages(config.recentLimit());
        this.lanes = new DiskLanes("spool", config.lanes(), config.laneQueue());
        this.queue = new QueueFolder(disk, config.folder().resolve("queue"));
    }

    @Override
    public void recover(Consumer<QueuedMessage> again) throws SpoolException {
        try {
            ids.notBefore(lastWritten());
            Recovery recovery = new Recovery(config, disk, mailboxes, queue);
            recovery.replay();
            queue.beginRun();
            DeliverySync syncing = new DeliverySync(mailboxes, queue, ids, registered(again));
            Retirement retiring =
                    new Retirement(config, disk, mailboxes, queue, syncing, this::isCurrent, recovery.leftDeletions());
            Journal log = new Journal(config, disk, recovery.firstNumber(), recovery.segmentFiles(), retiring::add);
            retiring.start(log);
            retirement = retiring;
            deliverySync = syncing;
            journal = log;
        } catch (IOException e) {
            throw new SpoolException(
                    SpoolException.Reason.IO_ERROR, "spool " + config.folder() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void readQueue(Consumer<QueuedMessage> consumer) throws SpoolException {
        reading.lock();
        try {
            Path refused = config.folder().resolve("refused");
            new QueueReader(disk, queue, refused, () -> closed).read(registered(consumer));
            queueComplete = !closed;
        } catch (IOException e) {
            throw new SpoolException(
                    SpoolException.Reason.IO_ERROR, "queue " + queue.folder() + ": " + e.getMessage(), e);
        } finally {
            queueRead.countDown();
            queue.endOfReading();
            reading.unlock();
        }
    }

    /** The last time that an earlier run wrote: the order goes on from there, also when the clock was set back. */
    private Instant lastWritten() throws IOException {
        Instant last = Instant.EPOCH;
        Path folder = Journal.folder(config);
        for (String name : disk.list(folder)) {
            Instant written = disk.attributes(FileNames.resolve(folder, name))
                    .lastModifiedTime()
                    .toInstant();
            last = written.isAfter(last) ? written : last;
        }
        return last;
    }

    private Consumer<QueuedMessage> registered(Consumer<QueuedMessage> consumer) {
        return message -> {
            LiveMessage known = new LiveMessage(message.id());
            known.unpublished = unpublished(message.envelope().recipients(), message.state());
            live.put(message.id(), known);
            consumer.accept(message);
        };
    }

    private boolean isCurrent(LiveMessage message) {
        return live.get(message.id) == message;
    }

    FileSpoolConfig config() {
        return config;
    }

    private Journal journal() {
        Journal log = journal;
        if (log == null) {
            throw new IllegalStateException("recover: not called yet (expected: before anything else)");
        }
        return log;
    }

    @Override
    public MessageWriter newMessage(int recipients) {
        return newMessage(HeadRoom.forSendFile(recipients));
    }

    @Override
    public MessageWriter newLocalMessage(ReversePath sender, int recipients) {
        return newMessage(HeadRoom.forMailbox(sender));
    }

    private MessageWriter newMessage(HeadRoom room) {
        // Until its commit a message has no place in the order: the name of its file is another one.
        QueueId incoming = QueueId.random();
        return new FileMessageWriter(this, incoming, room, lanes.lane(incoming));
    }

    /** The id of a message that is about to be committed: ids follow the order of arrival. */
    QueueId nextId() {
        return ids.next();
    }

    /** Gives an incoming file the name of its message. */
    void nameIncoming(QueueId temporary, QueueId id) throws IOException {
        disk.rename(incoming(temporary), incoming(id));
    }

    /** Whether so many octets more fit into memory; they are counted in either case. */
    boolean reserveMemory(long octets) {
        return memory.addAndGet(octets) <= config.memoryLimit();
    }

    void releaseMemory(long octets) {
        memory.addAndGet(-octets);
    }

    /** Octets of accepted messages that are held in memory for the relay now. */
    public long recentInMemory() {
        return recent.octets();
    }

    /** Octets of bodies held in memory now. */
    public long memoryInUse() {
        return memory.get();
    }

    void commitInline(
            Envelope envelope, List<ByteBuf> pieces, Runnable released, CompletableFuture<StoredMessage> stored) {
        byte[] head = SendFile.write(envelope);
        journal().append(new MessageEntry(envelope, head, pieces, released, stored));
    }

    Path incoming(QueueId id) {
        return config.folder().resolve("incoming").resolve(id.toString());
    }

    DiskFile createIncoming(QueueId id, HeadRoom room) throws IOException {
        DiskFile file = disk.create(incoming(id));
        file.append(ByteBuffer.allocate(room.octets()));
        return file;
    }

    void discardIncoming(QueueId id, DiskFile file) {
        try {
            file.close();
            disk.delete(incoming(id));
        } catch (IOException e) {
            LOG.warn("event=incoming-left id={} reason={}", id, e.toString());
        }
    }

    /** On a lane: completes the file, syncs it, and has the journal name it. */
    void commitFile(
            Envelope envelope,
            DiskFile file,
            HeadRoom room,
            ByteBuf trace,
            long length,
            CompletableFuture<StoredMessage> stored)
            throws IOException {
        if (room.mailboxForm() && isLocal(envelope)) {
            commitMailboxFile(envelope, file, room, trace, length, stored);
            return;
        }
        byte[] head = padded(SendFile.write(envelope), room.octets() - trace.readableBytes());
        boolean fits = head.length + trace.readableBytes() == room.octets();
        DiskFile whole = fits ? file : moved(envelope.id(), file, room.octets(), head, trace, length);
        if (fits) {
            file.write(ByteBuffer.wrap(head), 0);
            file.write(trace.nioBuffer(), head.length);
        }
        sync(whole);
        long octets = trace.readableBytes() + length;
        journal().append(new FileEntry(Journal.KIND_MESSAGE_FILE, envelope, head, whole, head.length, octets, stored));
    }

    private void commitMailboxFile(
            Envelope envelope,
            DiskFile file,
            HeadRoom room,
            ByteBuf trace,
            long length,
            CompletableFuture<StoredMessage> stored)
            throws IOException {
        byte[] returnPath = MailboxForm.returnPath(envelope.sender());
        byte[] filled = MailboxForm.fill(envelope.sender(), trace, room.octets());
        DiskFile whole = filled != null ? file : moved(envelope.id(), file, room.octets(), returnPath, trace, length);
        if (filled != null) {
            file.write(ByteBuffer.wrap(filled), 0);
        }
        int end = complete(whole);
        sync(whole);
        int before = filled != null ? filled.length - returnPath.length : trace.readableBytes();
        journal()
                .append(new FileEntry(
                        Journal.KIND_MAILBOX_FILE,
                        envelope,
                        SendFile.write(envelope),
                        whole,
                        returnPath.length,
                        before + length + end,
                        stored));
    }

    /** Sees that a file ends in CRLF; returns the octets that were missing. */
    private static int complete(DiskFile file) throws IOException {
        try {
            FileChannel channel = file.channel();
            long size = channel.size();
            ByteBuffer last = ByteBuffer.allocate((int) Math.min(2, size));
            while (last.hasRemaining() && channel.read(last, size - last.remaining()) >= 0) {
                continue;
            }
            byte[] missing = MailboxForm.missingEnd(last.array());
            if (missing.length > 0) {
                file.write(ByteBuffer.wrap(missing), size);
            }
            return missing.length;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Closes a file that cannot be synced. */
    private void sync(DiskFile incoming) throws IOException {
        try {
            incoming.sync();
            disk.syncDirectory(config.folder().resolve("incoming"));
        } catch (IOException | RuntimeException e) {
            incoming.close();
            throw e;
        }
    }

    private static boolean isLocal(Envelope envelope) {
        return envelope.recipients().stream().allMatch(Recipient::isLocal);
    }

    /** Fills the room at the beginning of the file with a fact that says nothing; a head that has no room stays as it is. */
    private static byte[] padded(byte[] head, int room) {
        int padding = room - head.length - "Padding: \r\n".length();
        if (padding < 0) {
            return head;
        }
        String end = SendFile.END + "\r\n";
        String text = new String(head, StandardCharsets.UTF_8);
        String filled =
                text.substring(0, text.length() - end.length()) + "Padding: " + "-".repeat(padding) + "\r\n" + end;
        return filled.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the file again, with its body where a head that is larger than its room lets it begin. */
    private DiskFile moved(QueueId id, DiskFile file, int headRoom, byte[] head, ByteBuf trace, long length)
            throws IOException {
        Path path = incoming(id);
        Path temporary = path.resolveSibling(id + ".whole");
        DiskFile whole = disk.create(temporary);
        try {
            whole.append(ByteBuffer.wrap(head));
            whole.append(trace.nioBuffer());
            for (long done = 0; done < length; ) {
                long step = file.channel().transferTo(headRoom + done, length - done, whole.appender());
                if (step <= 0) {
                    throw new IOException("incoming file ends at " + done + " of " + length);
                }
                done += step;
            }
            disk.rename(temporary, path);
            file.close();
            return whole;
        } catch (IOException | RuntimeException e) {
            whole.close();
            disk.delete(temporary);
            throw e;
        }
    }

    @Override
    public CompletionStage<StoredMessage> open(QueueId id) {
        LiveMessage message = live.get(id);
        CompletableFuture<StoredMessage> opened = new CompletableFuture<>();
        if (message == null) {
            opened.completeExceptionally(notFound(id));
            return opened;
        }
        StoredMessage inMemory = openRecent(message);
        if (inMemory != null) {
            opened.complete(inMemory);
            return opened;
        }
        try {
            lanes.any().execute(() -> {
                try {
                    opened.complete(open(message));
                } catch (IOException | RuntimeException | SendFile.MalformedSendFileException e) {
                    opened.completeExceptionally(failure("message " + id, e));
                } catch (SpoolException e) {
                    opened.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            opened.completeExceptionally(
                    new SpoolException(SpoolException.Reason.OVERLOADED, "the disk lanes are full", e));
        }
        return opened;
    }

    /** Does not block; null where the message is not in memory any more. */
    private @Nullable StoredMessage openRecent(LiveMessage message) {
        RecentMessages.Kept kept = recent.take(message.id);
        if (kept == null) {
            return null;
        }
        synchronized (message) {
            Segment segment = message.segment;
            if (message.settled || segment == null) {
                kept.content().release();
                return null;
            }
            segment.hold();
            return new SpooledMessage(
                    kept.envelope(),
                    message.state == null ? MessageState.initial(kept.envelope()) : message.state,
                    segment.file.channel(),
                    (long) message.offset + message.headLength,
                    kept.content().readableBytes(),
                    List.of(kept.content()),
                    null,
                    segment::release);
        }
    }

    /** Who accepted the message is done with it: what is left to be done with it, the relay will ask for in a moment. */
    private void keepForRelay(Envelope envelope, LiveMessage message, List<ByteBuf> pieces, int octets) {
        synchronized (message) {
            MessageState state = message.state == null ? MessageState.initial(envelope) : message.state;
            if (message.settled || state.held()) {
                return;
            }
        }
        if (octets > RecentMessages.LARGEST || !recent.hasRoom(octets)) {
            return;
        }
        ByteBuf content = null;
        try {
            // Its own octets, and not the buffers of the network that it came in, which may be much larger.
            content = allocator.directBuffer(octets, octets);
            for (ByteBuf piece : pieces) {
                content.writeBytes(piece, piece.readerIndex(), piece.readableBytes());
            }
            recent.keep(envelope, content);
            content = null;
        } catch (OutOfMemoryError | RuntimeException e) {
            // The memory outside the heap is used up. The message is accepted, and in the journal: nothing may go wrong
            // for that.
            LOG.debug("event=not-kept-in-memory id={} reason={}", envelope.id(), e.toString());
        } finally {
            if (content != null) {
                content.release();
            }
        }
    }

    private StoredMessage open(LiveMessage message)
            throws IOException, SpoolException, SendFile.MalformedSendFileException {
        SegmentPart held = null;
        boolean mailboxForm;
        MessageState state;
        synchronized (message) {
            if (message.settled) {
                throw notFound(message.id);
            }
            state = message.state;
            mailboxForm = message.mailboxForm;
            Segment segment = message.segment;
            if (segment != null && (mailboxForm || message.length > 0)) {
                held = message.hold(segment);
            }
        }
        if (held == null) {
            return openFile(message, state);
        } else if (!mailboxForm) {
            return openSegment(held, state);
        }
        try {
            return openMailboxForm(disk, incoming(message.id), held, state);
        } catch (NoSuchFileException e) {
            // It has become a send file meanwhile.
            return openFile(message, state);
        }
    }

    /**
     * Opens a file in a mailbox's form.
     *
     * @param part has its head; released in any case
     */
    static StoredMessage openMailboxForm(Disk disk, Path file, SegmentPart part, @Nullable MessageState state)
            throws IOException, SendFile.MalformedSendFileException {
        try {
            return mailboxForm(disk, file, part.envelope(), state);
        } finally {
            part.segment().release();
        }
    }

    static SpooledMessage mailboxForm(Disk disk, Path file, Envelope envelope, @Nullable MessageState state)
            throws IOException {
        FileChannel channel = disk.openForRead(file);
        try {
            int start = MailboxForm.returnPath(envelope.sender()).length;
            return new SpooledMessage(
                    envelope,
                    state == null ? MessageState.initial(envelope) : state,
                    channel,
                    start,
                    channel.size() - start,
                    List.of(),
                    file,
                    () -> closeQuietly(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static StoredMessage openSegment(SegmentPart part, @Nullable MessageState state)
            throws IOException, SendFile.MalformedSendFileException {
        Segment segment = part.segment();
        try {
            Envelope envelope = part.envelope();
            return new SpooledMessage(
                    envelope,
                    state == null ? MessageState.initial(envelope) : state,
                    segment.file.channel(),
                    (long) part.offset() + part.headLength(),
                    part.length() - part.headLength(),
                    List.of(),
                    null,
                    segment::release);
        } catch (IOException | SendFile.MalformedSendFileException | RuntimeException e) {
            segment.release();
            throw e;
        }
    }

    /** In the queue folder, or still in the incoming one: it may move while we look. */
    private StoredMessage openFile(LiveMessage message, @Nullable MessageState state)
            throws IOException, SendFile.MalformedSendFileException {
        QueueFolder.Opened opened;
        try {
            opened = queue.open(message.id);
        } catch (NoSuchFileException e) {
            try {
                opened = QueueFolder.open(disk, incoming(message.id));
            } catch (NoSuchFileException again) {
                opened = queue.open(message.id);
            }
        }
        try {
            return stored(opened, state == null ? queue.readState(message.id) : state);
        } catch (IOException | RuntimeException e) {
            opened.channel().close();
            throw e;
        }
    }

    /** Takes over the channel. */
    static StoredMessage stored(QueueFolder.Opened opened, @Nullable MessageState written)
            throws IOException, SendFile.MalformedSendFileException {
        try {
            Envelope envelope = SendFile.envelope(opened.head());
            FileChannel channel = opened.channel();
            return new SpooledMessage(
                    envelope,
                    written == null ? MessageState.initial(envelope) : written,
                    channel,
                    opened.head().length(),
                    channel.size() - opened.head().length(),
                    List.of(),
                    null,
                    () -> closeQuietly(channel));
        } catch (IOException | SendFile.MalformedSendFileException | RuntimeException e) {
            opened.channel().close();
            throw e;
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.debug("event=close-failed reason={}", e.toString());
        }
    }

    @Override
    public CompletionStage<Void> update(QueueId id, MessageState state) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        LiveMessage message = live.get(id);
        if (message == null) {
            done.completeExceptionally(notFound(id));
            return done;
        }
        List<MailboxName> late = latelyPublished(message, state);
        if (late.isEmpty()) {
            recordState(message, state, done);
            return done;
        }
        try {
            // The record of the message may be gone by now: what its state says of a mailbox must be true before it is
            // said.
            lanes.lane(id).execute(() -> {
                try {
                    sync(message, late);
                    recordState(message, state, done);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(failure("mailbox", e));
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new SpoolException(SpoolException.Reason.OVERLOADED, "the disk lanes are full", e));
        }
        return done;
    }

    private void sync(LiveMessage message, List<MailboxName> late) throws IOException {
        DeliverySync syncing = deliverySync;
        if (syncing != null) {
            syncing.sync(List.of(new LocalMailboxes.Delivered(message.id, late)), id -> open(message));
        }
    }

    /** Mailboxes that were delivered to after the message's acceptance. */
    private static List<MailboxName> latelyPublished(LiveMessage message, MessageState state) {
        synchronized (message) {
            return message.unpublished == null ? List.of() : published(message.unpublished, state);
        }
    }

    private void recordState(LiveMessage message, MessageState state, CompletableFuture<Void> done) {
        byte[] text = StateFile.write(state);
        byte[] payload = ByteBuffer.allocate(QueueId.LENGTH + text.length)
                .put(message.id.toString().getBytes(StandardCharsets.US_ASCII))
                .put(text)
                .array();
        journal().append(new BytesEntry(Journal.KIND_STATE, payload, done) {
            @Override
            void durable(Segment segment) {
                segment.addState(message);
                apply(message, state);
                done.complete(null);
            }
        });
    }

    @Override
    public void noteDelivered(QueueId id, MessageState state) {
        LiveMessage message = live.get(id);
        if (message != null) {
            apply(message, state);
        }
    }

    private void apply(LiveMessage message, MessageState state) {
        boolean settled = state.isSettled();
        Segment segment;
        synchronized (message) {
            message.state = state;
            message.settled |= settled;
            segment = message.segment;
        }
        if (settled) {
            live.remove(message.id, message);
            recent.forget(message.id);
            if (segment != null) {
                segment.removeMessage(message);
            } else {
                deleteFiles(message.id);
            }
        }
    }

    private void deleteFiles(QueueId id) {
        try {
            lanes.lane(id).execute(() -> {
                try {
                    queue.delete(id);
                } catch (IOException e) {
                    LOG.warn("event=queue-file-left id={} reason={}", id, e.toString());
                }
            });
        } catch (RejectedExecutionException e) {
            // Its segment deletes it again when it retires.
            LOG.debug("event=queue-file-left id={} reason={}", id, e.toString());
        }
    }

    @Override
    public CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<String> deleted = List.copyOf(uids);
        String text = mailbox + "\n" + String.join("\n", deleted);
        journal().append(new BytesEntry(Journal.KIND_DELETED, text.getBytes(StandardCharsets.UTF_8), done) {
            @Override
            void durable(Segment segment) {
                segment.addDeletions(mailbox, deleted);
                done.complete(null);
            }
        });
        return done;
    }

    /**
     * Returns once {@link #readQueue} has given all messages. Blocks.
     *
     * @throws IOException when it has not, and will not
     */
    public void awaitQueue() throws IOException {
        try {
            while (!queueRead.await(1, TimeUnit.SECONDS)) {
                if (closed) {
                    throw new IOException("the spool is closed");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!queueComplete) {
            throw new IOException("the queue could not be read: see event=queue-unreadable in the log");
        }
    }

    /**
     * Writes all messages that are not settled as send files with their states, in the layout of the queue folder: what a spool that
     * finds them there at its start goes on with. What is settled meanwhile may or may not be among them. Blocks, also until the queue has
     * been read.
     *
     * @param copy a folder that is made; becomes the queue folder of another spool
     * @return messages written
     */
    public int copyTo(Path copy) throws IOException {
        awaitQueue();
        QueueFolder target = new QueueFolder(disk, copy);
        disk.createDirectories(copy);
        QueueBatch batch = target.batch();
        int written = 0;
        for (LiveMessage message : List.copyOf(live.values())) {
            try (StoredMessage stored = open(message)) {
                batch.message(stored, SendFile.write(stored.envelope()));
                batch.state(message.id, stored.state());
                written++;
            } catch (SpoolException | NoSuchFileException e) {
                // It has been settled since we looked.
                LOG.debug("event=not-copied id={} reason={}", message.id, e.toString());
            } catch (SendFile.MalformedSendFileException e) {
                throw new IOException("message " + message.id + ": " + e.getMessage(), e);
            }
        }
        batch.finish(List.of());
        return written;
    }

    /** Reads every message from its beginning to its end, and says what is wrong, a line each. Blocks. */
    public List<String> check() {
        List<String> problems = new ArrayList<>();
        for (LiveMessage message : List.copyOf(live.values())) {
            try (StoredMessage stored = open(message);
                    WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream())) {
                stored.content().writeTo(ByteBuffer.allocate(0), nowhere);
            } catch (IOException | SpoolException | SendFile.MalformedSendFileException e) {
                problems.add(message.id + ": " + e.getMessage());
            }
        }
        return problems;
    }

    @Override
    public boolean isWritable() {
        Journal log = journal;
        Retirement retiring = retirement;
        return log != null && log.isHealthy() && retiring != null && retiring.hasRoom();
    }

    /** Messages that are not settled. */
    public int size() {
        return live.size();
    }

    /** Syncs of the journal since the start. */
    public long syncs() {
        Journal log = journal;
        return log == null ? 0 : log.syncs();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Whoever reads the queue stops within a message; nothing may touch the folder once this returns.
        reading.lock();
        reading.unlock();
        Journal log = journal;
        Retirement retiring = retirement;
        if (log != null && retiring != null) {
            try {
                log.close();
                retiring.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lanes.close();
        recent.close();
    }

    static SpoolException failure(String what, Exception e) {
        return new SpoolException(reason(e), what + ": " + e.getMessage(), e);
    }

    /** A disk that is full is the receiver's to wait for; every other fault of it is for the operator. */
    static SpoolException.Reason reason(Exception e) {
        return switch (DiskFault.of(e)) {
            case NO_SPACE, QUOTA -> SpoolException.Reason.DISK_FULL;
            case READ_ONLY, OTHER -> SpoolException.Reason.IO_ERROR;
        };
    }

    private static SpoolException notFound(QueueId id) {
        return new SpoolException(SpoolException.Reason.NOT_FOUND, "no message " + id);
    }

    /** From now on the message is one of the spool's; what it says of its place in the segment is known by then. */
    private Runnable registered(
            Envelope envelope, LiveMessage message, Segment segment, int headLength, Runnable released) {
        message.segment = segment;
        message.headLength = headLength;
        live.put(envelope.id(), message);
        segment.addMessage(message);
        return () -> {
            segment.accepted(message, published(envelope, message));
            released.run();
        };
    }

    /** The mailboxes that hold the message by now; one that failed has nothing to be synced, and its recipient stays queued. */
    private static List<MailboxName> published(Envelope envelope, LiveMessage message) {
        synchronized (message) {
            MessageState state = message.state == null ? MessageState.initial(envelope) : message.state;
            message.unpublished = unpublished(envelope.recipients(), state);
            return published(envelope.recipients(), state);
        }
    }

    private static List<MailboxName> published(List<Recipient> recipients, MessageState state) {
        Set<MailboxName> published = new LinkedHashSet<>();
        for (int i = 0; i < recipients.size(); i++) {
            MailboxName mailbox = recipients.get(i).mailbox();
            if (mailbox != null && state.recipients().get(i).status() == RecipientState.Status.DELIVERED) {
                published.add(mailbox);
            }
        }
        return List.copyOf(published);
    }

    private static @Nullable List<Recipient> unpublished(List<Recipient> recipients, MessageState state) {
        for (int i = 0; i < recipients.size(); i++) {
            if (recipients.get(i).isLocal() && !state.recipients().get(i).isSettled()) {
                return recipients;
            }
        }
        return null;
    }

    /** A message in the journal. */
    private final class MessageEntry extends Journal.Entry {
        private final Envelope envelope;
        private final byte[] head;
        private final List<ByteBuf> pieces;
        private final Runnable released;
        private final CompletableFuture<StoredMessage> stored;
        private final int length;

        MessageEntry(
                Envelope envelope,
                byte[] head,
                List<ByteBuf> pieces,
                Runnable released,
                CompletableFuture<StoredMessage> stored) {
            super(Journal.KIND_MESSAGE);
            this.envelope = envelope;
            this.head = head;
            this.pieces = pieces;
            this.released = released;
            this.stored = stored;
            this.length = head.length
                    + pieces.stream().mapToInt(ByteBuf::readableBytes).sum();
        }

        @Override
        int length() {
            return length;
        }

        @Override
        void writeTo(ByteBuffer target) {
            target.put(head);
            for (ByteBuf piece : pieces) {
                ByteBuffer part = target.slice().limit(piece.readableBytes());
                piece.getBytes(piece.readerIndex(), part);
                target.position(target.position() + piece.readableBytes());
            }
        }

        @Override
        void durable(Segment segment) {
            LiveMessage message = new LiveMessage(envelope.id());
            message.offset = offset;
            message.length = length;
            Runnable done = registered(envelope, message, segment, head.length, released);
            int octets = length - head.length;
            stored.complete(new SpooledMessage(
                    envelope,
                    MessageState.initial(envelope),
                    segment.file.channel(),
                    (long) offset + head.length,
                    octets,
                    pieces,
                    null,
                    () -> {
                        try {
                            keepForRelay(envelope, message, pieces, octets);
                        } finally {
                            done.run();
                        }
                    }));
        }

        @Override
        void failed(SpoolException failure) {
            pieces.forEach(ByteBuf::release);
            released.run();
            stored.completeExceptionally(failure);
        }
    }

    /** A large message: the record has its head; the file has all of it, or what a mailbox gets. */
    private final class FileEntry extends Journal.Entry {
        private final Envelope envelope;
        private final byte[] head;
        private final DiskFile file;
        private final int start;
        private final long contentLength;
        private final CompletableFuture<StoredMessage> stored;

        /** @param start of the content in the file */
        FileEntry(
                byte kind,
                Envelope envelope,
                byte[] head,
                DiskFile file,
                int start,
                long contentLength,
                CompletableFuture<StoredMessage> stored) {
            super(kind);
            this.envelope = envelope;
            this.head = head;
            this.file = file;
            this.start = start;
            this.contentLength = contentLength;
            this.stored = stored;
        }

        @Override
        int length() {
            return head.length;
        }

        @Override
        void writeTo(ByteBuffer target) {
            target.put(head);
        }

        @Override
        void durable(Segment segment) {
            LiveMessage message = new LiveMessage(envelope.id());
            message.offset = offset;
            message.mailboxForm = kind == Journal.KIND_MAILBOX_FILE;
            stored.complete(new SpooledMessage(
                    envelope,
                    MessageState.initial(envelope),
                    file.channel(),
                    start,
                    contentLength,
                    List.of(),
                    message.mailboxForm ? incoming(envelope.id()) : null,
                    registered(envelope, message, segment, head.length, () -> closeQuietly(file))));
        }

        @Override
        void failed(SpoolException failure) {
            discardIncoming(envelope.id(), file);
            stored.completeExceptionally(failure);
        }
    }

    /** A record of given octets. */
    private abstract static class BytesEntry extends Journal.Entry {
        private final byte[] payload;
        private final CompletableFuture<Void> done;

        BytesEntry(byte kind, byte[] payload, CompletableFuture<Void> done) {
            super(kind);
            this.payload = payload;
            this.done = done;
        }

        @Override
        int length() {
            return payload.length;
        }

        @Override
        void writeTo(ByteBuffer target) {
            target.put(payload);
        }

        @Override
        void failed(SpoolException failure) {
            done.completeExceptionally(failure);
        }
    }
}
