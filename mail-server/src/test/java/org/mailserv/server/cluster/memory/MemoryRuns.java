package org.mailserv.server.cluster.memory;

import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunRow.State;
import org.mailserv.server.cluster.table.RunTable;

final class MemoryRuns implements RunTable {
    private final MemoryTables tables;
    private final Network network;

    MemoryRuns(MemoryTables tables, Network network) {
        this.tables = tables;
        this.network = network;
    }

    private CompletionStage<Conditional<RunRow>> change(
            String name, RunId run, Predicate<RunRow> condition, UnaryOperator<@Nullable RunRow> change) {
        return network.call(Kind.CONDITIONAL, name, () -> {
            TreeMap<Long, RunRow> rows = rows(run.node());
            RunRow now = rows.get(run.number());
            return now == null || !condition.test(now)
                    ? Conditional.refused(now)
                    : MemoryTables.set(rows, run.number(), true, change.apply(now));
        });
    }

    private TreeMap<Long, RunRow> rows(String node) {
        return tables.runs.computeIfAbsent(node, made -> new TreeMap<>());
    }

    @Override
    public CompletionStage<Conditional<RunRow>> begin(RunId run) {
        return network.call(
                Kind.CONDITIONAL,
                "begin",
                () -> MemoryTables.set(
                        rows(run.node()),
                        run.number(),
                        !rows(run.node()).containsKey(run.number()),
                        new RunRow(run, 0, State.ALIVE, null)));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> beat(RunId run, long beat) {
        return change("beat", run, row -> row.state() == State.ALIVE, row -> new RunRow(run, beat, State.ALIVE, null));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> declareDead(RunId run, long seenBeat, RunId taker) {
        return change(
                "declareDead",
                run,
                row -> row.state() == State.ALIVE && row.beat() == seenBeat,
                row -> new RunRow(run, row.beat(), State.DEAD, taker));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> replaceTaker(RunId run, RunId former, RunId taker) {
        return change(
                "replaceTaker",
                run,
                row -> row.state() == State.DEAD && former.equals(row.taker()),
                row -> new RunRow(run, row.beat(), State.DEAD, taker));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> finish(RunId run, RunId taker) {
        return change(
                "finish",
                run,
                row -> row.state() == State.DEAD && taker.equals(row.taker()),
                row -> new RunRow(run, row.beat(), State.GONE, taker));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> leave(RunId run) {
        return change(
                "leave", run, row -> row.state() == State.ALIVE, row -> new RunRow(run, row.beat(), State.GONE, null));
    }

    @Override
    public CompletionStage<Conditional<RunRow>> forget(RunId run) {
        return change("forget", run, row -> row.state() == State.GONE, row -> null);
    }

    @Override
    public CompletionStage<List<RunRow>> runs(String node) {
        return network.call(
                Kind.READ,
                "runs",
                () -> List.copyOf(
                        tables.runs.getOrDefault(node, new TreeMap<>()).values()));
    }

    @Override
    public CompletionStage<Void> join(String cluster, Member member, long run) {
        return network.call(Kind.WRITE, "join", () -> {
            tables.members.insert(cluster, member.node(), member, 2 * run);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> part(String cluster, String node, long run) {
        return network.call(Kind.WRITE, "part", () -> {
            tables.members.delete(cluster, node, 2 * run + 1);
            return null;
        });
    }

    @Override
    public CompletionStage<List<Member>> members(String cluster) {
        return network.call(
                Kind.READ,
                "members",
                () -> tables.members.list(cluster, null, Integer.MAX_VALUE, (node, member) -> member));
    }

    @Override
    public CompletionStage<Void> fence(RunId run) {
        return network.call(Kind.WRITE, "fence", () -> {
            tables.fences.insert(run.toString(), "", true, MemoryTables.INSERT);
            return null;
        });
    }

    @Override
    public CompletionStage<Boolean> isFenced(RunId run) {
        return network.call(Kind.READ, "isFenced", () -> tables.fences.get(run.toString(), "") != null);
    }
}
