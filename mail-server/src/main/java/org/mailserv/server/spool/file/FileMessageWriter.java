package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MemoryBudget;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives one message: in memory while it is small, then in a file of its own in the incoming folder. The file reserves room for the head,
 * so that it becomes a complete queue file.
 */
final class FileMessageWriter implements MessageWriter {
    private static final Logger LOG = LoggerFactory.getLogger(FileMessageWriter.class);
    private static final CompletionStage<Void> GO_ON = CompletableFuture.completedFuture(null);
    private static final int UNWRITTEN_LIMIT = 1 << 20;

    private final Resources shared;
    // The name of the file until the message has its id.
    private final QueueId temporary;
    private final ReservedHeader room;
    private final Executor lane;
    private final List<ByteBuf> pieces = new ArrayList<>(4);

    private long length;
    private long inMemory;
    private boolean ended;
    private @Nullable QueueId id;

    private boolean spilling;
    private @Nullable SpoolException failure;
    // The following fields are shared with the lane and guarded by this.
    private @Nullable IncomingFile file;
    private long unwritten;
    private @Nullable CompletableFuture<Void> roomAgain;
    private boolean aborted;

    /**
     * The resources that all writers share.
     *
     * @param ids provides the ids of new messages
     * @param inlineLimit maximum size in octets of a message that is held in memory
     */
    record Resources(
            SealedIds ids, MemoryBudget memory, int inlineLimit, IncomingFolder incoming, MessageCommits commits) {}

    /**
     * @param temporary the name of the file until the message has its id
     * @param room reserved at the beginning of the file
     * @param lane runs the work on the file
     */
    FileMessageWriter(Resources shared, QueueId temporary, ReservedHeader room, Executor lane) {
        this.shared = shared;
        this.temporary = temporary;
        this.room = room;
        this.lane = lane;
    }

    @Override
    public QueueId id() {
        QueueId known = id;
        if (known == null) {
            known = shared.ids().next();
            id = known;
        }
        return known;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public CompletionStage<Void> append(ByteBuf piece) {
        int octets = piece.readableBytes();
        if (ended || failure() != null) {
            piece.release();
            SpoolException problem = failure();
            return problem == null ? GO_ON : CompletableFuture.failedFuture(problem);
        }
        length += octets;
        if (spilling) {
            return spill(piece);
        }
        pieces.add(piece);
        inMemory += octets;
        boolean fits = shared.memory().reserve(octets);
        if (fits && length <= shared.inlineLimit()) {
            return GO_ON;
        }
        spilling = true;
        CompletionStage<Void> stage = GO_ON;
        for (ByteBuf held : pieces) {
            stage = spill(held);
        }
        pieces.clear();
        shared.memory().release(inMemory);
        inMemory = 0;
        return stage;
    }

    private synchronized @Nullable SpoolException failure() {
        return failure;
    }

    /** Passes a piece to the lane. The stage waits while too much is unwritten. */
    private CompletionStage<Void> spill(ByteBuf piece) {
        int octets = piece.readableBytes();
        synchronized (this) {
            unwritten += octets;
        }
        try {
            lane.execute(() -> writePiece(piece, octets));
        } catch (RejectedExecutionException e) {
            piece.release();
            fail(SpoolException.overloaded(e));
        }
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (unwritten <= UNWRITTEN_LIMIT) {
                return GO_ON;
            }
            if (roomAgain == null) {
                roomAgain = new CompletableFuture<>();
            }
            return roomAgain;
        }
    }

    /** Runs on the lane. */
    private void writePiece(ByteBuf piece, int octets) {
        try {
            IncomingFile open;
            synchronized (this) {
                if (aborted || failure != null) {
                    return;
                }
                open = file;
            }
            if (open == null) {
                open = shared.incoming().create(temporary, room);
                synchronized (this) {
                    file = open;
                }
            }
            for (ByteBuffer buffer : piece.nioBuffers()) {
                open.append(buffer);
            }
        } catch (IOException | RuntimeException e) {
            fail(SpoolException.ofDisk("incoming", e));
        } finally {
            piece.release();
            written(octets);
        }
    }

    private void written(int octets) {
        CompletableFuture<Void> free = null;
        SpoolException problem;
        synchronized (this) {
            unwritten -= octets;
            problem = failure;
            if (roomAgain != null && (unwritten <= UNWRITTEN_LIMIT / 2 || problem != null)) {
                free = roomAgain;
                roomAgain = null;
            }
        }
        if (free != null && problem != null) {
            free.completeExceptionally(problem);
        } else if (free != null) {
            free.complete(null);
        }
    }

    private synchronized void fail(SpoolException problem) {
        if (failure == null) {
            failure = problem;
        }
    }

    @Override
    public CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace) {
        SpoolException problem = failure();
        if (ended || problem != null || !envelope.id().equals(id())) {
            trace.release();
            abort();
            return CompletableFuture.failedFuture(
                    problem != null
                            ? problem
                            : new SpoolException(SpoolException.Reason.CLOSED, "the message has ended before"));
        }
        ended = true;
        CompletableFuture<StoredMessage> stored = new CompletableFuture<>();
        if (!spilling) {
            pieces.add(0, trace);
            long held = inMemory;
            shared.commits()
                    .commit(envelope, List.copyOf(pieces), () -> shared.memory().release(held), stored);
            pieces.clear();
            return stored;
        }
        try {
            lane.execute(() -> commitFile(envelope, trace, stored));
        } catch (RejectedExecutionException e) {
            trace.release();
            discardFile();
            stored.completeExceptionally(SpoolException.overloaded(e));
        }
        return stored;
    }

    /** Runs on the lane, after all pieces. */
    private void commitFile(Envelope envelope, ByteBuf trace, CompletableFuture<StoredMessage> stored) {
        IncomingFile open;
        SpoolException problem;
        synchronized (this) {
            open = file;
            problem = failure;
        }
        try {
            if (problem != null || open == null) {
                discardFile();
                stored.completeExceptionally(
                        problem != null
                                ? problem
                                : new SpoolException(SpoolException.Reason.IO_ERROR, "the incoming file is missing"));
                return;
            }
            open.rename(envelope.id());
            shared.commits().commit(envelope, open, open.complete(envelope, trace, length), stored);
        } catch (IOException | RuntimeException e) {
            discardFile();
            stored.completeExceptionally(SpoolException.ofDisk("incoming", e));
        } finally {
            trace.release();
        }
    }

    @Override
    public void abort() {
        if (ended) {
            return;
        }
        ended = true;
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        shared.memory().release(inMemory);
        inMemory = 0;
        if (spilling) {
            synchronized (this) {
                aborted = true;
            }
            try {
                lane.execute(this::discardFile);
            } catch (RejectedExecutionException e) {
                // The lane is full or closed. No record names the file, and the next start deletes it.
                LOG.debug("event=incoming-left id={} reason=\"{}\"", temporary, Failures.text(e));
            }
        }
    }

    private void discardFile() {
        IncomingFile open;
        synchronized (this) {
            open = file;
            file = null;
        }
        if (open != null) {
            open.discard();
        }
    }
}
