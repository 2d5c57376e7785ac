package org.mailserv.server.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.FreshEntry.Message;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunTable;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of a cluster: it lives in runs, one after another, takes mail in their names, owns shards of the queue, and takes over from the dead.
 * On the loop, unless a method says otherwise.
 */
public final class ClusterNode {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterNode.class);

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final ClusterSettings settings;
    private final QueueListener queue;
    private final Heartbeat heartbeat;
    private final Watch watch;
    private final QueueShards shards;
    private final MessageMover mover;
    private final Set<RunId> takeovers = new HashSet<>();
    /** Ends of runs whose mail is still in progress somewhere. */
    private final AtomicInteger ending = new AtomicInteger();

    private boolean paused;
    private boolean stopped;
    private volatile @Nullable FreshMail fresh;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    /** @param queue gets the mail that this node has to send */
    public ClusterNode(ClusterLoop loop, SharedTables tables, ClusterSettings settings, QueueListener queue) {
        this.loop = loop;
        this.tables = tables;
        this.settings = settings;
        this.queue = queue;
        ClusterTiming timing = settings.timing();
        this.heartbeat = new Heartbeat(
                loop,
                tables.runs(),
                settings.cluster(),
                new RunTable.Member(settings.node(), settings.door()),
                timing,
                new Runs());
        this.watch = new Watch(loop, tables.runs(), settings.cluster(), timing, heartbeat, this::takeOver);
        this.shards = new QueueShards(loop, tables, settings, heartbeat, this::isSure, watch, queue);
        this.mover = new MessageMover(loop, tables, settings.shards(), shards::moved);
    }

    /** Begins. Mail is refused until a run has begun. */
    public void start() {
        heartbeat.start();
        watch.start();
        shards.start();
        watchLease();
    }

    /** Ends without a word to others, as a crash would: they take over. Nothing is begun any more. */
    public void stop() {
        stopped = true;
        heartbeat.stop();
        watch.stop();
        shards.stop();
        endRun();
    }

    /**
     * Leaves: moves all mail of the run into the shared queue, gives its shards up, and marks the run as gone. Mail must not come in any more.
     * If the stage fails, {@link #stop} still loses nothing.
     */
    public CompletionStage<Void> leave() {
        RunId run = heartbeat.run();
        FreshMail mail = fresh;
        if (run == null || mail == null) {
            return Stages.done();
        }
        Repeat repeat = new Repeat(loop, settings.timing().again(), () -> run.equals(heartbeat.run()));
        return mail.leave()
                .thenCompose(done -> shards.releaseAll())
                .thenCompose(done -> repeat.attempts(3, () -> tables.runs().leave(run)))
                .thenRun(this::stop);
    }

    /** Returns whether this node may still begin what another one could begin too. Any thread. */
    public Lease lease() {
        return this::isSure;
    }

    /** Transactions that were begun in the name of a former run are not sure in the name of the next one. */
    private boolean isSure() {
        return ending.get() == 0 && heartbeat.isSure();
    }

    /** Returns a stage that completes when the first run has begun: mail can be accepted. */
    CompletionStage<Void> begun() {
        return begun;
    }

    /** Returns a stage that completes when this node has read all shards that it has to own at first. */
    CompletionStage<Void> queueRead() {
        return shards.read();
    }

    /** Returns the present run, or null. On the loop. */
    public @Nullable RunId run() {
        return heartbeat.run();
    }

    /** Returns the runs of all nodes as this node sees them. */
    public List<RunRow> runs() {
        return watch.rows();
    }

    /** Returns the members of the cluster as this node sees them. */
    public List<RunTable.Member> members() {
        return watch.members();
    }

    /** Returns whether a node shows signs of life. On the loop. */
    public boolean lives(String name) {
        return watch.livingNodes().contains(name);
    }

    /** Returns the names of the nodes that show signs of life. On the loop. */
    public Set<String> livingNodes() {
        return watch.livingNodes();
    }

    /** Returns the runs that this node takes over at present. */
    public Set<RunId> takeovers() {
        return Set.copyOf(takeovers);
    }

    /** Returns the number of shards that this node owns. */
    public int ownedShards() {
        return shards.ownedShards();
    }

    /** Returns the number of messages that this node has to send. Any thread. */
    public int messages() {
        FreshMail mail = fresh;
        return (mail == null ? 0 : mail.size()) + shards.size();
    }

    /** Returns whether mail can be accepted, as far as is known: the tables take the signs of life. Any thread. */
    public boolean isWritable() {
        return fresh != null && heartbeat.isSure();
    }

    /** Returns the run that messages can be begun in, or null. Any thread. */
    @Nullable
    RunId writingRun() {
        FreshMail mail = fresh;
        return mail == null ? null : mail.run();
    }

    /** Accepts a message: when the stage completes, it may be acknowledged. Fails with a {@link SpoolException}. Any thread. */
    CompletionStage<FreshMail.Live> accept(Message message) {
        return accept(message, null);
    }

    /**
     * Accepts a message in the name of the run that its body was begun in. Whoever takes over from another run may have removed the body.
     *
     * @param begunIn null if the message brings its content along
     */
    CompletionStage<FreshMail.Live> accept(Message message, @Nullable RunId begunIn) {
        CompletableFuture<FreshMail.Live> accepted = new CompletableFuture<>();
        loop.execute(() -> {
            FreshMail mail = fresh;
            CompletionStage<FreshMail.Live> stage = mail == null || begunIn != null && !begunIn.equals(mail.run())
                    ? CompletableFuture.failedFuture(
                            new SpoolException(SpoolException.Reason.CLOSED, "this node is starting over"))
                    : mail.accept(message);
            stage.whenComplete((live, failure) -> complete(accepted, live, failure));
        });
        return accepted;
    }

    private static <T> void complete(CompletableFuture<T> stage, @Nullable T result, @Nullable Throwable failure) {
        if (failure == null) {
            stage.complete(result);
        } else {
            stage.completeExceptionally(Repeat.cause(failure));
        }
    }

    /** Writes the state of a message. Fails with {@code NOT_FOUND} if it is another node's. Any thread. */
    CompletionStage<Void> update(QueueId id, MessageState state) {
        CompletableFuture<Void> updated = new CompletableFuture<>();
        loop.execute(() -> {
            FreshMail mail = fresh;
            FreshMail.Live live = mail == null ? null : mail.find(id);
            CompletionStage<Void> stage = mail != null && live != null && shards.find(id) == null
                    ? mail.update(live, state)
                    : shards.update(id, state);
            stage.whenComplete((done, failure) -> complete(updated, done, failure));
        });
        return updated;
    }

    /** Notes what mailboxes prove by themselves. Any thread. */
    void note(QueueId id, MessageState state) {
        loop.execute(() -> {
            FreshMail mail = fresh;
            FreshMail.Live live = mail == null ? null : mail.find(id);
            if (mail != null && live != null) {
                mail.note(live, state);
            }
        });
    }

    /** Returns a message of the present run, or null. Any thread. */
    FreshMail.@Nullable Live findFresh(QueueId id) {
        FreshMail mail = fresh;
        return mail == null || shards.find(id) != null ? null : mail.find(id);
    }

    /** Returns a message of an owned shard, or null. Any thread. */
    QueueShards.@Nullable Entry findQueued(QueueId id) {
        return shards.find(id);
    }

    /** Begins a run and ends it. */
    private final class Runs implements Heartbeat.Listener {
        @Override
        public void began(RunId run) {
            fresh = new FreshMail(
                    loop, tables, run, settings.timing(), settings.memory(), mover, queue, heartbeat::dead);
            begun.complete(null);
        }

        @Override
        public void ended(RunId run) {
            endRun();
        }
    }

    private void endRun() {
        FreshMail mail = fresh;
        fresh = null;
        if (mail != null) {
            mail.end();
        }
        shards.forgetAll();
        takeovers.clear();
        ending.incrementAndGet();
        loop.whenDone(queue.lost(id -> true), (done, failure) -> ending.decrementAndGet());
    }

    private void takeOver(RunRow dead) {
        RunId run = heartbeat.run();
        if (run == null || !takeovers.add(dead.id())) {
            return;
        }
        LOG.warn("event=cluster-takeover run={} by={}", dead.id(), run);
        Takeover takeover = new Takeover(
                loop, tables, mover, settings.timing(), dead.id(), run, () -> !stopped && run.equals(heartbeat.run()));
        loop.whenDone(takeover.run(), (done, failure) -> {
            if (run.equals(heartbeat.run())) {
                takeovers.remove(dead.id());
            }
            if (failure != null && !(failure instanceof CancellationException)) {
                LOG.error("event=cluster-takeover-failed run={} by={}", dead.id(), run, failure);
            }
        });
    }

    /** Lets the relay begin nothing while the lease is in doubt. */
    private void watchLease() {
        if (stopped) {
            return;
        }
        boolean sure = isSure();
        if (sure == paused) {
            paused = !sure;
            if (sure) {
                queue.resume();
            } else {
                queue.pause();
            }
        }
        loop.schedule(settings.timing().beat().dividedBy(2), this::watchLease);
    }
}
