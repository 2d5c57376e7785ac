package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.QueueTable.QueueRow;
import org.mailserv.server.cluster.table.QueueTable.Stamp;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.cluster.table.TablesException;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.file.EnvelopeText;
import org.mailserv.server.spool.file.StateFile;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard of the queue that this run owns. All states are written with the epoch of the ownership, so that those of a former owner count for
 * nothing. On the loop.
 */
final class OwnedShard {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedShard.class);
    private static final int PAGE = 200;
    private static final int MINUTES = 3;
    private static final int ATTEMPTS = 3;

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final ClusterTiming timing;
    private final RunId run;
    private final int number;
    private final int epoch;
    private final Map<QueueId, QueueShards.Entry> index;
    private final QueueListener queue;
    private final Bodies bodies;
    private final Repeat repeat;
    /** Writes whose end has not come, so that a release waits for them. */
    private final Set<CompletableFuture<Void>> writes = new HashSet<>();

    private final Set<QueueId> settledMeanwhile = new HashSet<>();
    private int reading;
    private boolean again;
    private boolean readingMoved;
    private int count;
    private long nextMoved;
    private long nextAll;
    private boolean read;
    private boolean releasing;
    private boolean ended;

    OwnedShard(
            ClusterLoop loop,
            SharedTables tables,
            ClusterTiming timing,
            RunId run,
            int number,
            int epoch,
            Map<QueueId, QueueShards.Entry> index,
            QueueListener queue) {
        this.loop = loop;
        this.tables = tables;
        this.timing = timing;
        this.run = run;
        this.number = number;
        this.epoch = epoch;
        this.index = index;
        this.queue = queue;
        this.bodies = new Bodies(tables.bodies());
        this.repeat = new Repeat(loop, timing.again(), () -> !ended);
        this.nextMoved = loop.nanoTime() + timing.moved().toNanos() * 12;
        this.nextAll = loop.nanoTime() + timing.reread().toNanos();
    }

    int number() {
        return number;
    }

    int epoch() {
        return epoch;
    }

    RunId run() {
        return run;
    }

    /** Returns whether the shard has been read as a whole. */
    boolean isRead() {
        return read;
    }

    boolean isReleasing() {
        return releasing;
    }

    void end() {
        ended = true;
    }

    private Stamp stamp() {
        return new Stamp(epoch, count++);
    }

    /** Reads what came in, and everything, when it is time. */
    void tick() {
        long now = loop.nanoTime();
        if (now - nextAll >= 0) {
            readAll();
        } else if (now - nextMoved >= 0) {
            readMoved();
        }
    }

    /** Reads the whole shard. */
    void readAll() {
        nextAll = loop.nanoTime() + timing.reread().toNanos();
        reading++;
        loop.whenDone(page(null), (done, failure) -> {
            read |= failure == null;
            readEnded();
        });
    }

    private CompletionStage<Void> page(@Nullable QueueId after) {
        return repeat.until(() -> tables.queue().rows(number, after, PAGE)).thenCompose(rows -> {
            rows.forEach(this::found);
            return rows.size() < PAGE
                    ? Stages.done()
                    : loop.here(queue.taken())
                            .thenCompose(taken -> page(rows.get(rows.size() - 1).id()));
        });
    }

    /** Reads the rows that came in lately. */
    void readMoved() {
        if (readingMoved) {
            again = true;
            return;
        }
        nextMoved = loop.nanoTime() + timing.moved().toNanos() * 12;
        readingMoved = true;
        reading++;
        long minute = Duration.ofMillis(loop.wallTime().toEpochMilli()).toMinutes();
        List<CompletionStage<Void>> reads = new ArrayList<>();
        // One minute more than now: the clock of the node that wrote may be ahead.
        for (long one = minute - MINUTES + 1; one <= minute + 1; one++) {
            long in = one;
            reads.add(repeat.attempts(1, () -> tables.queue().moved(number, in)).thenCompose(this::rows));
        }
        loop.whenDone(Stages.all(reads), (done, failure) -> {
            readingMoved = false;
            readEnded();
            if (again && !ended) {
                again = false;
                readMoved();
            }
        });
    }

    private CompletionStage<Void> rows(List<QueueId> ids) {
        List<CompletionStage<Void>> reads = new ArrayList<>();
        for (QueueId id : ids) {
            if (!index.containsKey(id)) {
                reads.add(repeat.attempts(1, () -> tables.queue().row(number, id))
                        .thenAccept(found -> found.forEach(this::found)));
            }
        }
        return Stages.all(reads);
    }

    private void readEnded() {
        reading--;
        if (reading == 0) {
            settledMeanwhile.clear();
        }
    }

    private void found(QueueRow row) {
        if (ended || releasing || index.containsKey(row.id()) || settledMeanwhile.contains(row.id())) {
            return;
        }
        ByteBuffer envelope = row.envelope();
        ByteBuffer state = row.state();
        QueueId body = row.body();
        if (envelope == null || state == null || body == null) {
            // A late write of a former owner, behind the deletion of the row.
            tables.queue().delete(number, row.id(), stamp());
            return;
        }
        try {
            Envelope read = EnvelopeText.read(octets(envelope));
            QueuedMessage message = new QueuedMessage(read, StateFile.read(octets(state)), row.octets());
            index.put(row.id(), new QueueShards.Entry(this, row.id(), body));
            queue.arrived(message);
        } catch (IllegalArgumentException e) {
            LOG.error("event=queue-row-unreadable shard={} id={} reason=\"{}\"", number, row.id(), Failures.text(e));
        }
    }

    static byte[] octets(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.duplicate().get(octets);
        return octets;
    }

    /** Writes the state of a message. A settled one deletes it, and its body if nothing else needs it. */
    CompletionStage<Void> update(QueueShards.Entry entry, MessageState state) {
        if (ended) {
            return CompletableFuture.failedFuture(SpoolException.notFound(entry.id()));
        }
        Stamp stamp = stamp();
        ByteBuffer octets = ByteBuffer.wrap(StateFile.write(state));
        CompletableFuture<Void> write = repeat.attempts(
                ATTEMPTS,
                () -> state.isSettled()
                        ? tables.queue().delete(number, entry.id(), stamp)
                        : tables.queue().state(number, entry.id(), octets, stamp));
        writes.add(write);
        write.whenComplete((done, failure) -> writes.remove(write));
        return write.handle((done, failure) -> {
            if (failure != null) {
                throw new CompletionException(new SpoolException(
                        SpoolException.Reason.IO_ERROR, "the shared store does not answer", failure));
            }
            if (state.isSettled()) {
                settled(entry);
            }
            return done;
        });
    }

    private void settled(QueueShards.Entry entry) {
        index.remove(entry.id(), entry);
        if (reading > 0) {
            settledMeanwhile.add(entry.id());
        }
        repeat.attempts(ATTEMPTS, () -> bodies.release(entry.body(), Bodies.queueRef(number, entry.id())));
    }

    /** Begins nothing of the shard any more. Completes when nothing is in progress and all states are written. */
    CompletionStage<Void> release(Predicate<QueueId> mine) {
        releasing = true;
        return loop.here(queue.lost(mine))
                .thenCompose(done -> written())
                .thenCompose(done -> repeat.until(this::releaseRow));
    }

    /** Fails while the outcome is not known. A second attempt is refused, which tells that the first one took effect. */
    private CompletionStage<Void> releaseRow() {
        return tables.shards().release(number, run, epoch).thenCompose(result -> switch (result.outcome()) {
            case APPLIED, REFUSED -> Stages.done();
            case FAILED, UNKNOWN ->
                CompletableFuture.failedFuture(
                        new TablesException(TablesException.Reason.UNKNOWN, "shard " + number + " may not be free"));
        });
    }

    private CompletionStage<Void> written() {
        // A write may be complete here before it is taken out of the set.
        List<CompletableFuture<Void>> open =
                writes.stream().filter(write -> !write.isDone()).toList();
        return open.isEmpty()
                ? Stages.done()
                : Stages.all(open).handle((done, failure) -> done).thenCompose(done -> written());
    }
}
