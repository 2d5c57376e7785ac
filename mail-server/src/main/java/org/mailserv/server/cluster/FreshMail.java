package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.FreshEntry.Message;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.SpoolException;

/**
 * The mail that this run has accepted and works on: the index of its journal. A segment whose messages are all settled is deleted. What is left
 * in an old one moves into the shared queue. Segments are deleted oldest first, so that the journal always has the latest state of every
 * message that it has. On the loop, except {@link #find}.
 */
final class FreshMail implements Packer.Listener {
    private static final int MOVES = 16;

    /** A message of this run. */
    static final class Live {
        final Message message;
        final Packer.Segment segment;
        final int seq;
        volatile MessageState state;
        volatile boolean moving;
        CompletionStage<?> stored = Stages.done();

        Live(Message message, Packer.Segment segment, int seq) {
            this.message = message;
            this.segment = segment;
            this.seq = seq;
            this.state = message.state();
        }

        Envelope envelope() {
            return message.envelope();
        }

        /** Returns the content, if it is in memory. */
        @Nullable
        ByteBuffer content() {
            return message instanceof FreshEntry.Inline inline ? inline.content() : null;
        }
    }

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final RunId run;
    private final ClusterTiming timing;
    private final MessageMover mover;
    private final QueueListener queue;
    private final Runnable fenced;
    private final Packer packer;
    private final Repeat repeat;
    private final Bodies bodies;
    private final Map<QueueId, Live> live = new ConcurrentHashMap<>();
    private final TreeMap<Integer, Packer.Segment> segments = new TreeMap<>();
    private final Map<Integer, Set<QueueId>> unsettled = new TreeMap<>();
    private boolean settling;
    private boolean moving;
    private volatile boolean ended;

    FreshMail(
            ClusterLoop loop,
            SharedTables tables,
            RunId run,
            ClusterTiming timing,
            long memory,
            MessageMover mover,
            QueueListener queue,
            Runnable fenced) {
        this.loop = loop;
        this.tables = tables;
        this.run = run;
        this.timing = timing;
        this.mover = mover;
        this.queue = queue;
        this.fenced = fenced;
        this.packer = new Packer(loop, tables, run, timing, memory, this);
        this.repeat = new Repeat(loop, timing.again(), () -> !ended);
        this.bodies = new Bodies(tables.bodies());
        loop.schedule(timing.moved(), this::tick);
    }

    RunId run() {
        return run;
    }

    /** Accepts a message: when the stage completes, it may be acknowledged. */
    CompletionStage<Live> accept(Message message) {
        return packer.add(message).thenApply(done -> {
            Live accepted = live.get(message.id());
            if (accepted == null) {
                throw new IllegalStateException("message " + message.id() + " is not in the index");
            }
            return accepted;
        });
    }

    @Override
    public void opened(Packer.Segment segment) {
        segments.put(segment.number, segment);
    }

    @Override
    public void stored(Packer.Segment segment, FreshEntry entry, int seq) {
        if (entry instanceof Message message) {
            live.put(message.id(), new Live(message, segment, seq));
            unsettled.computeIfAbsent(segment.number, made -> new HashSet<>()).add(message.id());
        }
    }

    @Override
    public void fenced() {
        fenced.run();
    }

    /** Returns a message of this run that is not about to move. Any thread. */
    @Nullable
    Live find(QueueId id) {
        Live found = ended ? null : live.get(id);
        return found == null || found.moving ? null : found;
    }

    /** Returns the number of messages. */
    int size() {
        return live.size();
    }

    /** Writes a new state. A settled one ends the message. */
    CompletionStage<Void> update(Live message, MessageState state) {
        if (ended || live.get(message.message.id()) != message) {
            return CompletableFuture.failedFuture(SpoolException.notFound(message.message.id()));
        }
        message.state = state;
        CompletionStage<Void> stored = packer.add(new FreshEntry.State(message.message.id(), state));
        message.stored = stored;
        if (state.isSettled() && !message.moving) {
            return stored.thenRun(() -> settled(message));
        }
        return stored;
    }

    /** Notes what mailboxes prove by themselves: a second delivery changes nothing, so the journal need not say it. */
    void note(Live message, MessageState state) {
        if (!ended && live.get(message.message.id()) == message) {
            message.state = state;
            if (!message.moving) {
                settled(message);
            }
        }
    }

    private void settled(Live message) {
        if (!message.state.isSettled()) {
            return;
        }
        forget(message);
        if (message.message instanceof FreshEntry.Stored) {
            QueueId body = message.message.id();
            repeat.until(() -> bodies.release(body, Bodies.freshRef(body)));
        }
        deleteSettled();
    }

    private void forget(Live message) {
        live.remove(message.message.id(), message);
        Set<QueueId> left = unsettled.get(message.segment.number);
        if (left != null) {
            left.remove(message.message.id());
        }
    }

    /** Ends with the run: another one takes over from it, or has done so. */
    void end() {
        ended = true;
        packer.end();
        live.clear();
    }

    private void tick() {
        if (ended) {
            return;
        }
        packer.closeOld();
        deleteSettled();
        moveOld();
        loop.schedule(timing.moved(), this::tick);
    }

    /** Deletes the oldest segments, as far as they are settled. */
    private void deleteSettled() {
        Map.Entry<Integer, Packer.Segment> oldest = segments.firstEntry();
        if (settling || ended || oldest == null || !isSettled(oldest.getValue())) {
            return;
        }
        settling = true;
        int number = oldest.getKey();
        repeat.until(() -> tables.fresh().deleteRows(run, number))
                .thenCompose(done -> repeat.until(() -> tables.fresh().deleteSegment(run, number)))
                .thenRun(() -> {
                    segments.remove(number);
                    unsettled.remove(number);
                    settling = false;
                    deleteSettled();
                });
    }

    private boolean isSettled(Packer.Segment segment) {
        return segment.closed
                && segment.underWay == 0
                && unsettled.getOrDefault(segment.number, Set.of()).isEmpty();
    }

    /** Moves what is left in old segments into the shared queue. */
    private void moveOld() {
        Set<QueueId> old = new HashSet<>();
        for (Packer.Segment segment : segments.values()) {
            if (segment.closed
                    && loop.nanoTime() - segment.opened >= timing.segment().toNanos()) {
                old.addAll(unsettled.getOrDefault(segment.number, Set.of()));
            }
        }
        if (!moving && !old.isEmpty()) {
            moving = true;
            moveAll(old).whenComplete((done, failure) -> moving = false);
        }
    }

    /** Moves everything into the shared queue and deletes the journal, for a node that leaves. Mail must not come in any more. */
    CompletionStage<Void> leave() {
        CompletableFuture<Void> empty = new CompletableFuture<>();
        moveAll(new HashSet<>(live.keySet())).thenRun(() -> awaitDeletion(empty));
        return empty;
    }

    private void awaitDeletion(CompletableFuture<Void> empty) {
        packer.close();
        deleteSettled();
        if (ended) {
            empty.completeExceptionally(new CancellationException("the run has ended"));
        } else if (segments.isEmpty() && live.isEmpty() && packer.isIdle()) {
            empty.complete(null);
        } else {
            loop.schedule(timing.again(), () -> awaitDeletion(empty));
        }
    }

    private CompletionStage<Void> moveAll(Set<QueueId> ids) {
        return loop.here(queue.lost(ids::contains)).thenCompose(done -> {
            List<Live> left = new ArrayList<>();
            for (QueueId id : ids) {
                Live message = live.get(id);
                if (message != null) {
                    message.moving = true;
                    left.add(message);
                }
            }
            Iterator<Live> rest = left.iterator();
            List<CompletionStage<Void>> lines = new ArrayList<>();
            for (int i = 0; i < MOVES; i++) {
                lines.add(moveRest(rest));
            }
            return Stages.all(lines);
        });
    }

    private CompletionStage<Void> moveRest(Iterator<Live> rest) {
        return rest.hasNext() ? move(rest.next()).thenCompose(done -> moveRest(rest)) : Stages.done();
    }

    /**
     * Moves a message. Once begun this is never given up: its row may already be with another node. The state is in the journal before the row
     * is, so that a taker does not move more than this.
     */
    private CompletionStage<Void> move(Live message) {
        return loop.here(message.stored.handle((done, failure) -> failure)).thenCompose(failure -> {
            if (failure != null && !ended) {
                message.stored = packer.add(new FreshEntry.State(message.message.id(), message.state));
                CompletableFuture<Void> later = new CompletableFuture<>();
                loop.schedule(timing.again(), () -> later.complete(null));
                return later.thenCompose(waited -> move(message));
            }
            return repeat.until(() -> mover.move(message.message, message.state))
                    .thenRun(() -> forget(message));
        });
    }
}
