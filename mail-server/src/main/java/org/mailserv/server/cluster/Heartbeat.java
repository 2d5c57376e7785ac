package org.mailserv.server.cluster;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunTable;
import org.mailserv.server.store.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of this node: its run, and the proof that the run is alive. On the loop, except {@link #isSure}.
 *
 * <p>The proof is the time at which the last successful beat <em>began</em>. A run is declared dead only after others have seen the same beat
 * for longer than the proof holds, so that no two nodes are sure of the same mail. The proof has two clocks: a monotonic clock may stand still
 * while the machine sleeps, and a wall clock may be set.
 */
final class Heartbeat implements Lease {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /** Told of the beginning and the end of runs. */
    interface Listener {
        /** A run has begun: mail may be taken in its name. */
        void began(RunId run);

        /** The run was declared dead. Another run begins soon. */
        void ended(RunId run);
    }

    private record Proof(long nano, Instant wall) {}

    private final ClusterLoop loop;
    private final RunTable table;
    private final String cluster;
    private final RunTable.Member member;
    private final ClusterTiming timing;
    private final Listener listener;
    private @Nullable RunId run;
    private long beat;
    private long sureSince;
    private boolean stopped;
    private volatile @Nullable Proof proof;

    Heartbeat(
            ClusterLoop loop,
            RunTable table,
            String cluster,
            RunTable.Member member,
            ClusterTiming timing,
            Listener listener) {
        this.loop = loop;
        this.table = table;
        this.cluster = cluster;
        this.member = member;
        this.timing = timing;
        this.listener = listener;
    }

    /** Begins a run as soon as the tables answer. */
    void start() {
        begin();
    }

    /** Beats no more. The run stays ALIVE in the tables unless the run has left. */
    void stop() {
        stopped = true;
        proof = null;
    }

    /** Returns the run, or null while there is none. */
    @Nullable
    RunId run() {
        return run;
    }

    @Override
    public boolean isSure() {
        Proof last = proof;
        return last != null
                && loop.nanoTime() - last.nano < timing.sure().toNanos()
                && last.wall.plus(timing.sure()).isAfter(loop.wallTime())
                && !loop.wallTime().isBefore(last.wall);
    }

    /** Returns whether this node has been sure for long enough to judge others: an engine that was away is no proof against them. */
    boolean mayJudge() {
        return isSure() && loop.nanoTime() - sureSince >= timing.dead().toNanos();
    }

    private void begin() {
        if (stopped) {
            return;
        }
        loop.whenDone(table.runs(member.node()), (rows, failure) -> {
            if (rows == null) {
                LOG.warn("event=cluster-run-not-begun node={} reason=\"{}\"", member.node(), String.valueOf(failure));
                later();
            } else {
                begin(next(rows));
            }
        });
    }

    private RunId next(List<RunRow> rows) {
        long last = rows.stream().mapToLong(row -> row.id().number()).max().orElse(0);
        return new RunId(member.node(), last + 1);
    }

    private void begin(RunId next) {
        // Others watch the node before it has mail that they would have to take over.
        loop.whenDone(table.join(cluster, member, next.number()), (joined, failure) -> {
            if (failure != null) {
                later();
                return;
            }
            Proof began = new Proof(loop.nanoTime(), loop.wallTime());
            // Without an answer the number is given up: nothing is ever done in its name.
            loop.whenDone(table.begin(next), (result, unknown) -> {
                if (result != null && result.isApplied() && !stopped) {
                    begun(next, began);
                } else {
                    later();
                }
            });
        });
    }

    private void later() {
        loop.schedule(timing.again(), this::begin);
    }

    private void begun(RunId next, Proof began) {
        run = next;
        beat = 0;
        sureSince = loop.nanoTime();
        proof = began;
        LOG.info("event=cluster-run-begun run={}", next);
        listener.began(next);
        loop.schedule(timing.beat(), () -> beat(next));
    }

    private void beat(RunId of) {
        if (stopped || !of.equals(run)) {
            return;
        }
        beat++;
        Proof now = new Proof(loop.nanoTime(), loop.wallTime());
        loop.whenDone(table.beat(of, beat), (result, failure) -> answered(of, now, result));
        loop.schedule(timing.beat(), () -> beat(of));
    }

    private void answered(RunId of, Proof began, @Nullable Conditional<RunRow> result) {
        if (stopped || !of.equals(run) || result == null) {
            return;
        } else if (result.isRefused()) {
            dead();
        } else if (result.isApplied()) {
            Proof last = proof;
            if (last == null || began.nano - last.nano > timing.sure().toNanos()) {
                sureSince = loop.nanoTime();
            }
            if (last == null || began.nano - last.nano > 0) {
                proof = began;
            }
        }
    }

    /** The run is no longer ours: a beat was refused, or its fence was seen. Begins another. */
    void dead() {
        RunId former = run;
        if (former == null) {
            return;
        }
        run = null;
        proof = null;
        LOG.warn("event=cluster-run-ended run={} reason=\"declared dead\"", former);
        listener.ended(former);
        begin();
    }
}
