package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunTable;

/** The tables {@code run}, {@code member} and {@code fence}. */
final class CqlRunTable implements RunTable {
    // Each condition names every column, those that do not matter with a comparison that always holds: a refusal then
    // contains the row.
    private static final String IF_ALIVE = " IF state = 'ALIVE' AND beat >= 0 AND taker != ''";

    private final Requests requests;
    private final PreparedStatement begin;
    private final PreparedStatement beat;
    private final PreparedStatement declareDead;
    private final PreparedStatement replaceTaker;
    private final PreparedStatement finish;
    private final PreparedStatement leave;
    private final PreparedStatement forget;
    private final PreparedStatement runs;
    private final PreparedStatement run;
    private final PreparedStatement join;
    private final PreparedStatement part;
    private final PreparedStatement members;
    private final PreparedStatement fence;
    private final PreparedStatement isFenced;

    CqlRunTable(Requests requests) {
        this.requests = requests;
        String row = " WHERE node = ? AND number = ?";
        begin = requests.prepare(
                "INSERT INTO @run (node, number, beat, state) VALUES (?, ?, 0, 'ALIVE') IF NOT EXISTS");
        beat = requests.prepare("UPDATE @run SET beat = ?" + row + IF_ALIVE);
        declareDead = requests.prepare(
                "UPDATE @run SET state = 'DEAD', taker = ?" + row + " IF state = 'ALIVE' AND beat = ? AND taker != ''");
        String ifTaker = " IF state = 'DEAD' AND beat >= 0 AND taker = ?";
        replaceTaker = requests.prepare("UPDATE @run SET taker = ?" + row + ifTaker);
        finish = requests.prepare("UPDATE @run SET state = 'GONE'" + row + ifTaker);
        leave = requests.prepare("UPDATE @run SET state = 'GONE'" + row + IF_ALIVE);
        forget = requests.prepare("DELETE FROM @run" + row + " IF state = 'GONE' AND beat >= 0 AND taker != ''");
        runs = requests.prepare("SELECT node, number, beat, state, taker FROM @run WHERE node = ?");
        run = requests.prepare("SELECT node, number, beat, state, taker FROM @run" + row);
        join = requests.prepare("INSERT INTO @member (cluster, node, door) VALUES (?, ?, ?) USING TIMESTAMP ?");
        part = requests.prepare("DELETE FROM @member USING TIMESTAMP ? WHERE cluster = ? AND node = ?");
        members = requests.prepare("SELECT node, door FROM @member WHERE cluster = ?");
        fence = requests.prepare("INSERT INTO @fence (run) VALUES (?) USING TIMESTAMP 1");
        isFenced = requests.prepare("SELECT run FROM @fence WHERE run = ?");
    }

    @Override
    public CompletionStage<Conditional<RunRow>> begin(RunId id) {
        return conditional(begin.bind(id.node(), id.number()), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> beat(RunId id, long number) {
        return conditional(beat.bind(number, id.node(), id.number()), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> declareDead(RunId id, long seenBeat, RunId taker) {
        return conditional(declareDead.bind(taker.toString(), id.node(), id.number(), seenBeat), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> replaceTaker(RunId id, RunId former, RunId taker) {
        return conditional(replaceTaker.bind(taker.toString(), id.node(), id.number(), former.toString()), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> finish(RunId id, RunId taker) {
        return conditional(finish.bind(id.node(), id.number(), taker.toString()), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> leave(RunId id) {
        return conditional(leave.bind(id.node(), id.number()), id);
    }

    @Override
    public CompletionStage<Conditional<RunRow>> forget(RunId id) {
        return conditional(forget.bind(id.node(), id.number()), id);
    }

    @Override
    public CompletionStage<List<RunRow>> runs(String node) {
        return requests.readSerial(runs.bind(node), row -> toRow(new RunId(node, row.getLong("number")), row));
    }

    @Override
    public CompletionStage<Void> join(String cluster, Member member, long number) {
        return requests.write(join.bind(cluster, member.node(), member.door(), 2 * number));
    }

    @Override
    public CompletionStage<Void> part(String cluster, String node, long number) {
        return requests.write(part.bind(2 * number + 1, cluster, node));
    }

    @Override
    public CompletionStage<List<Member>> members(String cluster) {
        return requests.read(
                members.bind(cluster),
                Requests.SMALL_ROWS,
                row -> new Member(row.getString("node"), row.getString("door")));
    }

    @Override
    public CompletionStage<Void> fence(RunId id) {
        return requests.write(fence.bind(id.toString()));
    }

    @Override
    public CompletionStage<Boolean> isFenced(RunId id) {
        return requests.read(isFenced.bind(id.toString()), 1, row -> true).thenApply(rows -> !rows.isEmpty());
    }

    private CompletionStage<Conditional<RunRow>> conditional(BoundStatement statement, RunId id) {
        return requests.conditional(
                statement,
                row -> toRow(id, row),
                () -> requests.readSerial(run.bind(id.node(), id.number()), row -> toRow(id, row)));
    }

    private static RunRow toRow(RunId id, Row row) {
        @Nullable String taker = row.getString("taker");
        return new RunRow(
                id,
                row.getLong("beat"),
                RunRow.State.valueOf(row.getString("state")),
                taker == null ? null : RunId.parse(taker));
    }
}
