package org.mailserv.server.cluster;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.MemoryBudget;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.SpoolException.Reason;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/** Receives one message: in memory while it is small, then as parts of a body in the tables. */
final class ClusterWriter implements MessageWriter {
    private static final CompletionStage<Void> GO_ON = Stages.done();

    /**
     * The resources that all writers share.
     *
     * @param inline octets of the largest message that goes into the journal
     */
    record Resources(ClusterNode node, SharedTables tables, MemoryBudget memory, int inline) {}

    private final Resources shared;
    // Random, so that it never returns: not on another node, and not after a clock was set back.
    private final QueueId id = QueueId.random();
    private final List<ByteBuf> pieces = new ArrayList<>(4);
    private long length;
    private long inMemory;
    private boolean ended;
    private @Nullable BodyUpload upload;
    private @Nullable SpoolException failure;

    ClusterWriter(Resources shared) {
        this.shared = shared;
    }

    @Override
    public QueueId id() {
        return id;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public CompletionStage<Void> append(ByteBuf piece) {
        SpoolException problem = failure;
        if (ended || problem != null) {
            piece.release();
            return problem == null ? GO_ON : CompletableFuture.failedFuture(problem);
        }
        int octets = piece.readableBytes();
        length += octets;
        BodyUpload running = upload;
        if (running != null) {
            return upload(running, piece);
        }
        pieces.add(piece);
        inMemory += octets;
        boolean fits = shared.memory().reserve(octets);
        return fits && length <= shared.inline() ? GO_ON : spill();
    }

    private CompletionStage<Void> spill() {
        RunId run = shared.node().writingRun();
        if (run == null) {
            failure = new SpoolException(Reason.CLOSED, "this node is starting over");
            dropPieces();
            return CompletableFuture.failedFuture(failure);
        }
        BodyUpload begun = new BodyUpload(shared.tables(), run, id);
        upload = begun;
        CompletionStage<Void> stage = GO_ON;
        for (ByteBuf piece : pieces) {
            stage = upload(begun, piece);
        }
        pieces.clear();
        dropPieces();
        return stage;
    }

    private static CompletionStage<Void> upload(BodyUpload upload, ByteBuf piece) {
        try {
            return failing(upload.append(piece));
        } finally {
            piece.release();
        }
    }

    private static <T> CompletionStage<T> failing(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(problem -> CompletableFuture.failedFuture(spoolException(problem)));
    }

    static SpoolException spoolException(Throwable problem) {
        Throwable cause = Repeat.cause(problem);
        return cause instanceof SpoolException known
                ? known
                : new SpoolException(
                        Reason.IO_ERROR, "the shared store does not answer: " + Failures.text(cause), cause);
    }

    private void dropPieces() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        shared.memory().release(inMemory);
        inMemory = 0;
    }

    @Override
    public CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace) {
        SpoolException problem = failure;
        if (ended || problem != null || !envelope.id().equals(id)) {
            trace.release();
            abort();
            return CompletableFuture.failedFuture(
                    problem != null ? problem : new SpoolException(Reason.CLOSED, "the message has ended before"));
        }
        ended = true;
        ByteBuffer head = copy(trace, trace.readableBytes());
        trace.release();
        BodyUpload running = upload;
        return running == null ? commitInline(envelope, head) : commitBody(running, envelope, head);
    }

    private static ByteBuffer copy(ByteBuf octets, int length) {
        ByteBuffer copy = ByteBuffer.allocate(length);
        octets.readBytes(copy);
        return copy.flip();
    }

    private CompletionStage<StoredMessage> commitInline(Envelope envelope, ByteBuffer trace) {
        ByteBuffer whole =
                ByteBuffer.allocate((int) (trace.remaining() + length)).put(trace);
        for (ByteBuf piece : pieces) {
            piece.readBytes(whole.duplicate().limit(whole.position() + piece.readableBytes()));
            whole.position(whole.position() + piece.readerIndex());
        }
        long held = inMemory;
        inMemory = 0;
        dropPieces();
        ByteBuffer content = whole.flip().asReadOnlyBuffer();
        MessageState state = MessageState.initial(envelope);
        return failing(shared.node()
                .accept(new FreshEntry.Inline(envelope, state, content))
                .<StoredMessage>thenApply(live -> new ClusterMessage(envelope, state, new OctetsContent(content), null))
                .whenComplete((done, problem) -> shared.memory().release(held)));
    }

    private CompletionStage<StoredMessage> commitBody(BodyUpload running, Envelope envelope, ByteBuffer trace) {
        byte[] returnPath = MailboxFormat.returnPath(envelope.sender());
        long size = running.size();
        long octets = trace.remaining() + size;
        MessageState state = MessageState.initial(envelope);
        CompletionStage<Void> stored = running.finish()
                .thenCompose(done -> shared.tables()
                        .bodies()
                        .commit(id, Bodies.head(returnPath, trace, size), null, List.of(Bodies.freshRef(id))));
        stored.whenComplete((done, problem) -> {
            if (problem != null) {
                running.abort();
            }
        });
        // What was committed and not accepted stays for the taker: the journal may have the message nevertheless.
        return failing(stored.thenCompose(
                        done -> shared.node().accept(new FreshEntry.Stored(envelope, state, octets), running.run()))
                .thenApply(live -> {
                    running.committed();
                    return new ClusterMessage(
                            envelope,
                            state,
                            new BodyContent(shared.tables().bodies(), id, trace, size, ByteBuffer.allocate(0)),
                            id);
                }));
    }

    @Override
    public void abort() {
        if (ended) {
            return;
        }
        ended = true;
        dropPieces();
        BodyUpload running = upload;
        if (running != null) {
            running.abort();
        }
    }
}
