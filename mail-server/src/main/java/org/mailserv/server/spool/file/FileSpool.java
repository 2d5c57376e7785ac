package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MemoryBudget;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/**
 * The spool in files. An acknowledged message is durable in the journal; queue and mailbox files are written afterwards. A message that
 * is settled before its journal segment is retired never becomes a file of its own.
 *
 * <p>This class assembles the parts and ends them. New messages go from {@link FileMessageWriter} through {@link MessageCommits} to the
 * {@link Journal}, changes through {@link StateUpdates}; {@link Retirement} moves what remains to the queue folder.
 */
public final class FileSpool implements Spool {
    private final FileSpoolConfig config;
    private final Disk disk;
    private final LocalMailboxes mailboxes;
    private final SealedIds ids;
    private final MailEvents events;
    private final DiskLanes lanes;
    private final QueueFolder queue;
    private final IncomingFolder incoming;
    private final MessageOpener opener;
    private final LiveMessages live = new LiveMessages();
    private final MemoryBudget memory;
    private final RelayCopies copies;
    private final QueueLoad queueLoad;
    private final SpoolContents contents;

    private volatile @Nullable Started started;
    private boolean closed;

    /** The parts that run from recovery to the end. */
    private record Started(
            Journal journal,
            Retirement retirement,
            DiskWatch diskWatch,
            StateUpdates updates,
            FileMessageWriter.Resources writing) {}

    /**
     * @param ids provides the ids of new messages
     * @param events receives what happens to stored messages
     */
    public FileSpool(FileSpoolConfig config, Disk disk, LocalMailboxes mailboxes, SealedIds ids, MailEvents events) {
        this(config, disk, mailboxes, ids, events, ByteBufAllocator.DEFAULT);
    }

    /** @param allocator for messages that are kept in memory for the relay */
    FileSpool(
            FileSpoolConfig config,
            Disk disk,
            LocalMailboxes mailboxes,
            SealedIds ids,
            MailEvents events,
            ByteBufAllocator allocator) {
        this.config = config;
        this.disk = disk;
        this.mailboxes = mailboxes;
        this.ids = ids;
        this.events = events;
        this.lanes = new DiskLanes("spool", config.lanes(), config.laneQueue());
        this.queue = new QueueFolder(disk, config.folder().resolve("queue"));
        this.incoming = new IncomingFolder(disk, config.folder(), events);
        this.opener = new MessageOpener(disk, incoming, queue);
        this.memory = new MemoryBudget(config.memoryLimit());
        this.copies = new RelayCopies(config.recentLimit(), allocator);
        this.queueLoad = new QueueLoad(disk, queue, config.folder().resolve("refused"));
        this.contents = new SpoolContents(disk, live, opener);
    }

    @Override
    public void start(QueueListener listener) throws SpoolException {
        recover(listener::arrived);
        queueLoad.start(live.adding(listener::arrived), listener);
    }

    /** Replays the journal. Blocks. */
    void recover(Consumer<QueuedMessage> again) throws SpoolException {
        try {
            ids.notBefore(lastWritten());
            PendingDeletions pendingDeletions = new PendingDeletions(disk, config.folder(), mailboxes);
            Recovery recovery = new Recovery(config, disk, mailboxes, queue, incoming, opener, pendingDeletions);
            recovery.replay();
            queue.beginRun();
            SegmentFiles files = new SegmentFiles(config, disk, recovery.firstNumber(), recovery.segmentFiles());
            started = start(files, pendingDeletions, again);
        } catch (IOException e) {
            throw new SpoolException(
                    SpoolException.Reason.IO_ERROR, "spool " + config.folder() + ": " + Failures.text(e), e);
        }
    }

    private Started start(SegmentFiles files, PendingDeletions pendingDeletions, Consumer<QueuedMessage> again) {
        FullSegments full = new FullSegments(config);
        DeliverySync deliverySync = new DeliverySync(disk, mailboxes, queue, ids, live.adding(again), events);
        SegmentTransfer transfer =
                new SegmentTransfer(disk, queue, incoming, opener, live, deliverySync, pendingDeletions);
        Journal journal = new Journal(config, files, full);
        DiskWatch diskWatch = new DiskWatch(config, disk, journal, pendingDeletions);
        Retirement retirement = new Retirement(config, full, files, transfer, diskWatch);
        retirement.start();
        return new Started(
                journal,
                retirement,
                diskWatch,
                new StateUpdates(live, copies, opener, queue, lanes, deliverySync, journal, events),
                new FileMessageWriter.Resources(
                        ids, memory, config.inlineLimit(), incoming, new MessageCommits(journal, live, copies)));
    }

    /** Returns the time at which an earlier run wrote last. New ids are later than that, even if the clock was set back. */
    private Instant lastWritten() throws IOException {
        Instant last = Instant.EPOCH;
        Path folder = SegmentFiles.folder(config);
        for (String name : disk.list(folder)) {
            Instant written = disk.attributes(FileNames.resolve(folder, name))
                    .lastModifiedTime()
                    .toInstant();
            last = written.isAfter(last) ? written : last;
        }
        return last;
    }

    private Started started() {
        Started parts = started;
        if (parts == null) {
            throw new IllegalStateException("start: not called yet (expected: before any other method)");
        }
        return parts;
    }

    /** Reads the queue on the calling thread. Blocks. */
    void readQueue(Consumer<QueuedMessage> consumer) throws IOException {
        queueLoad.run(live.adding(consumer));
    }

    @Override
    public CompletionStage<Void> queueRead() {
        return queueLoad.read();
    }

    @Override
    public MessageWriter newMessage(int recipients) {
        return newMessage(ReservedHeader.forQueueFile(recipients));
    }

    @Override
    public MessageWriter newLocalMessage(ReversePath sender, int recipients) {
        return newMessage(ReservedHeader.forMailbox(sender));
    }

    private MessageWriter newMessage(ReservedHeader room) {
        // Ids follow the order of the commits, so an incoming file has a temporary name until then.
        QueueId temporary = QueueId.random();
        return new FileMessageWriter(started().writing(), temporary, room, lanes.lane(temporary));
    }

    @Override
    public CompletionStage<StoredMessage> open(QueueId id) {
        LiveMessage message = live.find(id);
        if (message == null) {
            return CompletableFuture.failedFuture(SpoolException.notFound(id));
        }
        StoredMessage copy = copies.open(message);
        if (copy != null) {
            return CompletableFuture.completedFuture(copy);
        }
        CompletableFuture<StoredMessage> opened = new CompletableFuture<>();
        try {
            lanes.any().execute(() -> {
                try {
                    opened.complete(opener.open(message));
                } catch (IOException | RuntimeException | QueueFile.MalformedQueueFileException e) {
                    opened.completeExceptionally(SpoolException.ofDisk("message " + id, e));
                } catch (SpoolException e) {
                    opened.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            opened.completeExceptionally(SpoolException.overloaded(e));
        }
        return opened;
    }

    @Override
    public CompletionStage<Void> update(QueueId id, MessageState state) {
        LiveMessage message = live.find(id);
        return message == null
                ? CompletableFuture.failedFuture(SpoolException.notFound(id))
                : started().updates().update(message, state);
    }

    @Override
    public void noteDelivered(QueueId id, MessageState state) {
        LiveMessage message = live.find(id);
        if (message != null) {
            started().updates().apply(message, state);
        }
    }

    /** Records that messages were deleted from a mailbox, all or none of them. The stage completes when the record is durable. */
    public CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<String> deleted = List.copyOf(uids);
        String text = mailbox + "\n" + String.join("\n", deleted);
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        started().journal().append(new OctetsEntry(Journal.KIND_DELETED, payload, done) {
            @Override
            void recorded(Segment segment) {
                segment.addDeletions(mailbox, deleted);
            }
        });
        return done;
    }

    /**
     * Writes all unsettled messages as queue files with their states, in the layout of the queue folder. Another spool can continue with a
     * copy as its queue. A message that is settled meanwhile may be missing. Waits until the queue has been read. Blocks.
     *
     * @param copy the folder, created here
     * @return the number of messages written
     */
    public int copyTo(Path copy) throws IOException {
        queueLoad.await();
        return contents.copyTo(copy);
    }

    /** Reads every message to its end. Returns one line for each message that cannot be read. Blocks. */
    public List<String> check() {
        return contents.check();
    }

    @Override
    public boolean isWritable() {
        Started parts = started;
        return parts != null && parts.journal().isHealthy() && parts.diskWatch().hasRoom();
    }

    /** Returns the number of unsettled messages. */
    public int size() {
        return live.size();
    }

    /** Returns the number of journal syncs since the start. */
    public long syncs() {
        Started parts = started;
        return parts == null ? 0 : parts.journal().syncs();
    }

    /** Returns the octets of accepted messages that are kept in memory for the relay now. */
    public long recentInMemory() {
        return copies.octets();
    }

    /** Returns the octets of message bodies that are held in memory until they are durable. */
    public long memoryInUse() {
        return memory.used();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        queueLoad.stop();
        Started parts = started;
        if (parts != null) {
            try {
                parts.journal().close();
                parts.retirement().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lanes.close();
        copies.close();
    }
}
