package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.FreshTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.SpoolException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the journal of a run. At most four rows are under way; whatever waits meanwhile goes into the next row. On the loop.
 *
 * <p>An accepted message takes two steps: store the row, <em>then look</em> at the run's fence. Who takes over from the run writes the fence
 * first and reads the journal afterwards. A look that does not see the fence began before the fence was complete, so the row was stored before
 * the journal was read. No clock is needed, and a pause at any point does no harm.
 */
final class Packer {
    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);
    static final int ROW = 512 * 1024;
    static final long SEGMENT = 32L * 1024 * 1024;
    private static final int ROWS = 4;
    private static final int ATTEMPTS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Told of segments. */
    interface Listener {
        /** A segment was named: rows may come. */
        void opened(Segment segment);

        /** The row of a message is stored and not fenced. Called before the stage of {@link #add} completes. */
        void stored(Segment segment, FreshEntry entry, int seq);

        /** The run is fenced: nothing of it can be accepted any more. */
        void fenced();
    }

    /** A segment of the journal. */
    static final class Segment {
        final int number;
        final long opened;
        long octets;
        int rows;
        int underWay;
        boolean closed;

        Segment(int number, long opened) {
            this.number = number;
            this.opened = opened;
        }
    }

    private record Waiting(FreshEntry entry, byte[] data, CompletableFuture<Void> done, long since) {}

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final RunId run;
    private final ClusterTiming timing;
    private final long memory;
    private final Listener listener;
    private final Repeat repeat;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingOctets;
    private int underWay;
    private int next;
    private boolean opening;
    private boolean ended;
    private @Nullable Segment current;

    /** @param memory octets that may wait */
    Packer(ClusterLoop loop, SharedTables tables, RunId run, ClusterTiming timing, long memory, Listener listener) {
        this.loop = loop;
        this.tables = tables;
        this.run = run;
        this.timing = timing;
        this.memory = memory;
        this.listener = listener;
        this.repeat = new Repeat(loop, timing.again(), () -> !ended);
    }

    /**
     * Writes an entry.
     *
     * @return completes when the entry is stored and, if it is a message, accepted. Fails with a {@link SpoolException}; the entry may be in
     *     the journal nevertheless.
     */
    CompletionStage<Void> add(FreshEntry entry) {
        byte[] data = FreshCodec.write(entry);
        if (ended) {
            return CompletableFuture.failedFuture(closed());
        } else if (waitingOctets + data.length > memory) {
            return CompletableFuture.failedFuture(
                    new SpoolException(Reason.OVERLOADED, "too much waits for the shared store"));
        }
        Waiting added = new Waiting(entry, data, new CompletableFuture<>(), loop.nanoTime());
        waiting.add(added);
        waitingOctets += data.length;
        pump();
        return added.done;
    }

    /** Closes the current segment if it is old enough. */
    void closeOld() {
        Segment segment = current;
        if (segment != null
                && loop.nanoTime() - segment.opened >= timing.segment().toNanos()) {
            segment.closed = true;
            current = null;
        }
    }

    /** Closes the current segment. */
    void close() {
        Segment segment = current;
        if (segment != null) {
            segment.closed = true;
            current = null;
        }
    }

    /** Returns whether nothing waits and no row is under way. */
    boolean isIdle() {
        return waiting.isEmpty() && underWay == 0 && !opening;
    }

    /** Fails whatever waits, and all that comes. Rows under way are not waited for. */
    void end() {
        ended = true;
        failWaiting(0, closed());
    }

    private static SpoolException closed() {
        return new SpoolException(Reason.CLOSED, "this node is starting over");
    }

    private void pump() {
        while (!waiting.isEmpty() && underWay < ROWS && !opening) {
            closeOld();
            Segment segment = current;
            if (segment == null) {
                open();
                return;
            }
            send(segment, take());
            if (segment.octets >= SEGMENT) {
                segment.closed = true;
                current = null;
            }
        }
    }

    private void open() {
        opening = true;
        int number = next++;
        loop.whenDone(repeat.attempts(ATTEMPTS, () -> tables.fresh().insertSegment(run, number)), (named, failure) -> {
            opening = false;
            if (ended) {
                return;
            } else if (failure == null) {
                current = new Segment(number, loop.nanoTime());
                listener.opened(current);
            } else {
                failed(failure);
                failWaiting(0, new SpoolException(Reason.IO_ERROR, "the shared store does not answer", failure));
            }
            pump();
        });
    }

    private List<Waiting> take() {
        List<Waiting> row = new ArrayList<>();
        int octets = 0;
        for (Waiting first = waiting.peek();
                first != null && (row.isEmpty() || octets + first.data.length <= ROW);
                first = waiting.peek()) {
            row.add(waiting.remove());
            octets += first.data.length;
        }
        waitingOctets -= octets;
        return row;
    }

    private void send(Segment segment, List<Waiting> row) {
        ByteBuffer data = ByteBuffer.allocate(
                row.stream().mapToInt(one -> one.data.length).sum());
        row.forEach(one -> data.put(one.data));
        data.flip();
        segment.octets += data.remaining();
        segment.underWay++;
        underWay++;
        FreshTable.FreshRow stored = new FreshTable.FreshRow(segment.rows++, data);
        boolean look = row.stream().anyMatch(one -> one.entry instanceof FreshEntry.Message);
        loop.whenDone(
                repeat.attempts(ATTEMPTS, () -> tables.fresh().insert(run, segment.number, stored))
                        .thenCompose(inserted -> look ? look() : CompletableFuture.completedFuture(false)),
                (fenced, failure) -> {
                    segment.underWay--;
                    underWay--;
                    ended(segment, stored.seq(), row, fenced, failure);
                    pump();
                });
    }

    private CompletionStage<Boolean> look() {
        return repeat.attempts(ATTEMPTS, () -> tables.runs().isFenced(run));
    }

    private void ended(
            Segment segment, int seq, List<Waiting> row, @Nullable Boolean fenced, @Nullable Throwable failure) {
        if (fenced == null) {
            failed(failure);
            fail(row, new SpoolException(Reason.IO_ERROR, "the shared store does not answer", failure));
            failWaiting(PATIENCE.toNanos(), new SpoolException(Reason.OVERLOADED, "the shared store is too slow"));
        } else if (fenced || ended) {
            fail(row, closed());
            if (fenced && !ended) {
                listener.fenced();
            }
        } else {
            for (Waiting one : row) {
                listener.stored(segment, one.entry, seq);
            }
            row.forEach(one -> one.done.complete(null));
        }
    }

    private void failed(@Nullable Throwable failure) {
        if (!ended) {
            LOG.warn("event=cluster-journal-failed run={} reason=\"{}\"", run, String.valueOf(failure));
        }
    }

    private void failWaiting(long olderThan, SpoolException failure) {
        long now = loop.nanoTime();
        List<Waiting> late = new ArrayList<>();
        waiting.removeIf(one -> {
            boolean old = now - one.since >= olderThan;
            if (old) {
                late.add(one);
                waitingOctets -= one.data.length;
            }
            return old;
        });
        fail(late, failure);
    }

    private static void fail(List<Waiting> row, SpoolException failure) {
        row.forEach(one -> one.done.completeExceptionally(failure));
    }
}
