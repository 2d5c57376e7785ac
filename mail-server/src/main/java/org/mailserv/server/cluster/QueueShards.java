package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.ShardTable.ShardRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of the queue that this run owns. It takes those that the rendezvous hash gives it and that nobody alive has, and gives up those
 * that belong to another node, after what is in progress. On the loop, except {@link #find} and {@link #size}.
 */
final class QueueShards {
    private static final Logger LOG = LoggerFactory.getLogger(QueueShards.class);
    private static final int TAKES = 64;
    private static final Duration HINT_LIFE = Duration.ofMinutes(15);

    /**
     * A message of an owned shard.
     *
     * @param body the id of its body
     */
    record Entry(OwnedShard shard, QueueId id, QueueId body) {}

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final ClusterTiming timing;
    private final Heartbeat heartbeat;
    private final Lease lease;
    private final int shards;
    private final Watch watch;
    private final QueueListener queue;
    private final Map<QueueId, Entry> index = new ConcurrentHashMap<>();
    private final Map<Integer, OwnedShard> owned = new TreeMap<>();
    private final Map<String, String> hints = new HashMap<>();
    private final Map<Integer, RunId> owners = new TreeMap<>();
    private final Set<Integer> dropping = new HashSet<>();
    private boolean stopped;
    private int taking;
    /** True if more shards are to be taken than were at the last look. */
    private boolean more;

    private int hintCount;
    private final CompletableFuture<Void> read = new CompletableFuture<>();

    QueueShards(
            ClusterLoop loop,
            SharedTables tables,
            ClusterSettings settings,
            Heartbeat heartbeat,
            Lease lease,
            Watch watch,
            QueueListener queue) {
        this.loop = loop;
        this.tables = tables;
        this.timing = settings.timing();
        this.shards = settings.shards();
        this.heartbeat = heartbeat;
        this.lease = lease;
        this.watch = watch;
        this.queue = queue;
    }

    void start() {
        tick();
        listen();
    }

    void stop() {
        stopped = true;
    }

    /** Returns a message of an owned shard, or null. Any thread. */
    @Nullable
    Entry find(QueueId id) {
        return index.get(id);
    }

    /** Returns a stage that completes when all shards that this node has to own at first are owned and read. */
    CompletionStage<Void> read() {
        return read;
    }

    /** Returns the number of messages in owned shards. Any thread. */
    int size() {
        return index.size();
    }

    /** Returns the number of shards that are owned. */
    int ownedShards() {
        return owned.size();
    }

    Map<QueueId, Entry> index() {
        return index;
    }

    /** Writes the state of a message. A settled one deletes it. */
    CompletionStage<Void> update(QueueId id, MessageState state) {
        Entry entry = index.get(id);
        return entry == null
                ? CompletableFuture.failedFuture(SpoolException.notFound(id))
                : entry.shard.update(entry, state);
    }

    /** Tells the owner of a shard that mail has come into it, and the node that will own it soon. */
    void moved(int shard) {
        OwnedShard mine = owned.get(shard);
        if (mine != null) {
            mine.readMoved();
            return;
        }
        Set<String> nodes = new TreeSet<>();
        RunId owner = owners.get(shard);
        if (owner != null) {
            nodes.add(owner.node());
        }
        String soon = Rendezvous.choose("shard " + shard, watch.living().keySet());
        if (soon != null) {
            nodes.add(soon);
        }
        // A value that no other hint has: readers look for changes.
        RunId self = heartbeat.run();
        String value = loop.wallTime().toEpochMilli() + " " + self + " " + hintCount++;
        nodes.forEach(node -> tables.hints().put(Hint.SHARD_MOVED, node, Integer.toString(shard), value, HINT_LIFE));
    }

    /** Forgets all shards: the run has ended, and others take them. The queue is told by the caller. */
    void forgetAll() {
        owned.values().forEach(OwnedShard::end);
        owned.clear();
        index.clear();
    }

    /** Releases all shards, for a node that leaves. */
    CompletionStage<Void> releaseAll() {
        stopped = true;
        List<CompletionStage<Void>> releases = new ArrayList<>();
        for (OwnedShard shard : List.copyOf(owned.values())) {
            releases.add(release(shard));
        }
        return Stages.all(releases);
    }

    private void tick() {
        if (stopped) {
            return;
        }
        look();
        owned.values().forEach(OwnedShard::tick);
        loop.schedule(timing.shards(), this::tick);
    }

    private void look() {
        RunId run = heartbeat.run();
        if (run != null && lease.isSure()) {
            loop.whenDone(tables.shards().shards(), (rows, failure) -> {
                if (rows != null && run.equals(heartbeat.run()) && !stopped) {
                    balance(run, rows);
                }
            });
        }
    }

    /** Reads, once a beat, which of the owned shards mail has come into. */
    private void listen() {
        if (stopped) {
            return;
        }
        RunId run = heartbeat.run();
        if (run != null && !owned.isEmpty()) {
            loop.whenDone(tables.hints().read(Hint.SHARD_MOVED, run.node()), (found, failure) -> {
                if (found != null) {
                    found.forEach(this::hinted);
                }
            });
        }
        loop.schedule(timing.beat(), this::listen);
    }

    private void hinted(String name, String time) {
        OwnedShard shard = time.equals(hints.put(name, time)) ? null : owned.get(Integer.parseInt(name));
        if (shard != null) {
            shard.readMoved();
        }
    }

    private void balance(RunId run, List<ShardRow> rows) {
        ShardRow[] all = byNumber(rows);
        more = false;
        List<String> living = List.copyOf(watch.living().keySet());
        boolean missing = false;
        for (int shard = 0; shard < all.length; shard++) {
            boolean wanted = run.node().equals(Rendezvous.choose("shard " + shard, living));
            ShardRow row = all[shard];
            OwnedShard mine = owned.get(shard);
            if (mine != null) {
                if (row == null || !run.equals(row.run()) || row.epoch() != mine.epoch()) {
                    lostTo(mine, row);
                } else if (!wanted) {
                    release(mine);
                }
            } else if (row != null && run.equals(row.run())) {
                // A take whose answer was lost.
                own(run, shard, row.epoch());
                missing = true;
            } else if (wanted && isFree(row)) {
                missing = true;
                more |= taking >= TAKES;
                if (taking < TAKES) {
                    take(run, shard, row == null ? 0 : row.epoch());
                }
            }
        }
        if (!missing) {
            completeRead();
        }
    }

    private ShardRow[] byNumber(List<ShardRow> rows) {
        ShardRow[] all = new ShardRow[shards];
        owners.clear();
        for (ShardRow row : rows) {
            if (row.shard() < all.length) {
                all[row.shard()] = row;
            }
            RunId owner = row.run();
            if (owner != null) {
                owners.put(row.shard(), owner);
            }
        }
        return all;
    }

    private void completeRead() {
        if (taking == 0 && owned.values().stream().allMatch(OwnedShard::isRead)) {
            read.complete(null);
        }
    }

    private boolean isFree(@Nullable ShardRow row) {
        RunId owner = row == null ? null : row.run();
        return owner == null || watch.isOver(owner);
    }

    private void lostTo(OwnedShard mine, @Nullable ShardRow row) {
        // A read may be older than our take.
        if (row != null && (row.epoch() > mine.epoch() || row.epoch() == mine.epoch() && row.run() == null)) {
            LOG.warn("event=cluster-shard-lost shard={} to={}", mine.number(), row.run());
            drop(mine);
        }
    }

    private void drop(OwnedShard shard) {
        shard.end();
        owned.remove(shard.number(), shard);
        Set<QueueId> ids = ids(shard);
        index.keySet().removeAll(ids);
        // It must not come back before what is in progress has ended: the queue would take it for known.
        dropping.add(shard.number());
        loop.whenDone(queue.lost(ids::contains), (done, failure) -> dropping.remove(shard.number()));
    }

    private Set<QueueId> ids(OwnedShard shard) {
        Set<QueueId> ids = new HashSet<>();
        for (Entry entry : index.values()) {
            if (entry.shard == shard) {
                ids.add(entry.id);
            }
        }
        return ids;
    }

    private void take(RunId run, int shard, int epoch) {
        taking++;
        loop.whenDone(tables.shards().take(shard, run, epoch), (result, failure) -> {
            taking--;
            if (result != null && result.isApplied() && run.equals(heartbeat.run()) && lease.isSure() && !stopped) {
                own(run, shard, epoch + 1);
            }
            if (taking == 0 && more) {
                look();
            }
        });
    }

    private void own(RunId run, int number, int epoch) {
        if (!owned.containsKey(number) && !dropping.contains(number)) {
            OwnedShard shard = new OwnedShard(loop, tables, timing, run, number, epoch, index, queue);
            owned.put(number, shard);
            shard.readAll();
        }
    }

    /** Releases a shard: begins nothing of it any more, waits for what is in progress, and then lets others take it. */
    private CompletionStage<Void> release(OwnedShard shard) {
        if (shard.isReleasing()) {
            return Stages.done();
        }
        return shard.release(ids(shard)::contains).thenAccept(done -> {
            shard.end();
            owned.remove(shard.number(), shard);
            index.values().removeIf(entry -> entry.shard == shard);
        });
    }
}
