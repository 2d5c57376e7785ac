package org.mailserv.server.cluster;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.QueueId;

/**
 * Writes the parts of a large body while it comes in. The run names the body before its first part, so that whoever takes over from the run
 * removes what was never committed. {@link #append}, {@link #finish} and {@link #abort} are called by one thread at a time.
 */
final class BodyUpload {
    private static final int MOST_UNDER_WAY = 4;

    private final SharedTables tables;
    private final RunId run;
    private final QueueId body;
    private final CompletionStage<Void> named;
    private ByteBuffer part = ByteBuffer.allocate(BodyTable.PART);
    private int parts;
    private long size;
    // The following fields are shared with threads of the engine and guarded by this.
    private int underWay;
    private @Nullable Throwable failure;
    private @Nullable CompletableFuture<Void> room;
    private int roomAt;

    BodyUpload(SharedTables tables, RunId run, QueueId body) {
        this.tables = tables;
        this.run = run;
        this.body = body;
        this.named = tables.fresh().insertUpload(run, body);
    }

    /** Returns the run that the body belongs to until it is committed. */
    RunId run() {
        return run;
    }

    long size() {
        return size;
    }

    /**
     * Appends octets.
     *
     * @param piece not released
     * @return completes when more may be appended; fails if a part could not be stored
     */
    CompletionStage<Void> append(ByteBuf piece) {
        ByteBuf rest = piece.duplicate();
        while (rest.isReadable()) {
            int count = Math.min(rest.readableBytes(), part.remaining());
            rest.readBytes(part.slice().limit(count));
            part.position(part.position() + count);
            size += count;
            if (!part.hasRemaining()) {
                send();
            }
        }
        return awaitRoom(MOST_UNDER_WAY - 1);
    }

    /** Writes the rest. Completes when all parts are stored. */
    CompletionStage<Void> finish() {
        if (part.position() > 0) {
            send();
        }
        return awaitRoom(0).thenCompose(done -> named);
    }

    private void send() {
        ByteBuffer full = part.flip();
        part = ByteBuffer.allocate(BodyTable.PART);
        int number = parts++;
        synchronized (this) {
            underWay++;
        }
        named.thenCompose(done -> tables.bodies().insertPart(body, number, full))
                .whenComplete((done, problem) -> stored(problem));
    }

    private void stored(@Nullable Throwable problem) {
        CompletableFuture<Void> waiting = null;
        Throwable failed;
        synchronized (this) {
            underWay--;
            if (failure == null) {
                failure = problem;
            }
            failed = failure;
            if (room != null && (underWay <= roomAt || failed != null)) {
                waiting = room;
                room = null;
            }
        }
        if (waiting != null && failed != null) {
            waiting.completeExceptionally(failed);
        } else if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** Waits until at most so many parts are under way. */
    private synchronized CompletionStage<Void> awaitRoom(int most) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        } else if (underWay <= most) {
            return Stages.done();
        }
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        CompletableFuture<Void> earlier = room;
        if (earlier != null) {
            waiting.whenComplete((done, problem) -> complete(earlier, problem));
        }
        room = waiting;
        roomAt = most;
        return waiting;
    }

    private static void complete(CompletableFuture<Void> stage, @Nullable Throwable problem) {
        if (problem == null) {
            stage.complete(null);
        } else {
            stage.completeExceptionally(problem);
        }
    }

    /** Deletes what was written. What comes late stays deleted. */
    void abort() {
        tables.bodies().delete(body).thenCompose(deleted -> tables.fresh().deleteUpload(run, body));
    }

    /** Forgets that the body was begun: it is committed, and a message has it. */
    void committed() {
        tables.fresh().deleteUpload(run, body);
    }
}
