package org.mailserv.server.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's view of all runs, by its own monotonic clock: no clock of another machine matters. It declares runs dead whose beat stands still,
 * and sees that each dead run has a taker that lives. On the loop.
 */
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    /**
     * A run as it was seen.
     *
     * @param row the row at the last look
     * @param since the time at which a look that saw this beat for the first time was answered
     */
    private record Seen(RunRow row, long since) {}

    private final ClusterLoop loop;
    private final RunTable table;
    private final String cluster;
    private final ClusterTiming timing;
    private final Heartbeat heartbeat;
    private final Consumer<RunRow> takeOver;
    private final Map<RunId, Seen> runs = new HashMap<>();
    private final Map<String, RunTable.Member> members = new TreeMap<>();
    /** Nodes to look at: the members, and nodes of takers that are no longer members. */
    private final Set<String> nodes = new TreeSet<>();

    private final Set<String> looked = new HashSet<>();
    private boolean stopped;

    /** @param takeOver gets each dead run that this node has to take over, at every look until it is gone */
    Watch(
            ClusterLoop loop,
            RunTable table,
            String cluster,
            ClusterTiming timing,
            Heartbeat heartbeat,
            Consumer<RunRow> takeOver) {
        this.loop = loop;
        this.table = table;
        this.cluster = cluster;
        this.timing = timing;
        this.heartbeat = heartbeat;
        this.takeOver = takeOver;
    }

    void start() {
        look();
    }

    void stop() {
        stopped = true;
    }

    /** Returns the last run of each node that is alive, by node. */
    Map<String, RunId> living() {
        Map<String, RunId> living = new TreeMap<>();
        for (Seen seen : runs.values()) {
            if (seen.row.state() == RunRow.State.ALIVE && isFresh(seen)) {
                living.merge(
                        seen.row.id().node(), seen.row.id(), (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        }
        RunId self = heartbeat.run();
        if (self != null) {
            living.put(self.node(), self);
        }
        return living;
    }

    private boolean isFresh(Seen seen) {
        return loop.nanoTime() - seen.since < timing.dead().toNanos();
    }

    /** Returns whether a run was declared dead, or has left: it is not sure of anything any more. */
    boolean isOver(RunId run) {
        return !isAlive(run);
    }

    /** Returns all runs as they were seen last. */
    List<RunRow> rows() {
        return runs.values().stream()
                .map(Seen::row)
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
    }

    /** Returns all members as they were seen last. */
    List<RunTable.Member> members() {
        return List.copyOf(members.values());
    }

    private void look() {
        if (stopped) {
            return;
        }
        loop.whenDone(table.members(cluster), (found, failure) -> {
            if (found != null) {
                members.clear();
                found.forEach(member -> members.put(member.node(), member));
                nodes.addAll(members.keySet());
            }
        });
        for (String node : List.copyOf(nodes)) {
            long asked = loop.nanoTime();
            loop.whenDone(table.runs(node), (rows, failure) -> {
                if (rows != null && !stopped) {
                    seen(node, rows, asked);
                }
            });
        }
        loop.schedule(timing.beat(), this::look);
    }

    private void seen(String node, List<RunRow> rows, long asked) {
        looked.add(node);
        runs.keySet()
                .removeIf(run -> run.node().equals(node)
                        && rows.stream().noneMatch(row -> row.id().equals(run)));
        RunId last = new RunId(
                node, rows.stream().mapToLong(row -> row.id().number()).max().orElse(0));
        for (RunRow row : rows) {
            Seen before = runs.get(row.id());
            long since = before == null || before.row.beat() != row.beat() ? loop.nanoTime() : before.since;
            Seen now = new Seen(row, since);
            if (before != null && before.row.state().compareTo(row.state()) > 0) {
                // An answer that was overtaken by a later one.
                continue;
            }
            runs.put(row.id(), now);
            judge(now, asked);
            if (row.state() == RunRow.State.GONE && !row.id().equals(last)) {
                table.forget(row.id());
            }
        }
    }

    /** @param asked the time before the look that found this; only then the beat is known to have stood still */
    private void judge(Seen seen, long asked) {
        RunId self = heartbeat.run();
        if (self == null || seen.row.id().equals(self)) {
            return;
        }
        switch (seen.row.state()) {
            case ALIVE -> {
                if (asked - seen.since >= timing.dead().toNanos() && heartbeat.mayJudge()) {
                    declareDead(seen.row);
                }
            }
            case DEAD -> follow(seen.row, self);
            case GONE -> {
                // Nothing is left of it.
            }
        }
    }

    private void declareDead(RunRow row) {
        RunId taker = taker(row.id());
        if (taker != null) {
            LOG.warn("event=cluster-run-declared-dead run={} beat={} taker={}", row.id(), row.beat(), taker);
            loop.whenDone(table.declareDead(row.id(), row.beat(), taker), (result, failure) -> {
                // Not at the next look only: its mail waits.
                if (result != null && result.isApplied() && taker.equals(heartbeat.run()) && !stopped) {
                    takeOver.accept(new RunRow(row.id(), row.beat(), RunRow.State.DEAD, taker));
                }
            });
        }
    }

    private void follow(RunRow row, RunId self) {
        RunId taker = row.taker();
        if (self.equals(taker)) {
            takeOver.accept(row);
        } else if (taker != null && !isAlive(taker) && self.equals(taker(row.id())) && heartbeat.mayJudge()) {
            LOG.warn("event=cluster-taker-replaced run={} former={} taker={}", row.id(), taker, self);
            table.replaceTaker(row.id(), taker, self);
        }
    }

    /** Returns whether a run may still be alive. The row of one that left may be forgotten, and its node may have left the members. */
    private boolean isAlive(RunId run) {
        Seen seen = runs.get(run);
        if (seen != null) {
            return seen.row.state() == RunRow.State.ALIVE;
        }
        boolean unknown = !looked.contains(run.node());
        if (unknown) {
            nodes.add(run.node());
        }
        return unknown;
    }

    private @Nullable RunId taker(RunId dead) {
        Map<String, RunId> living = new HashMap<>(living());
        living.values().removeIf(dead::equals);
        List<String> nodes = new ArrayList<>(living.keySet());
        String chosen = Rendezvous.choose(dead.toString(), nodes);
        return chosen == null ? null : living.get(chosen);
    }

    /** Returns the names of the nodes that live. */
    Set<String> livingNodes() {
        return living().keySet();
    }
}
