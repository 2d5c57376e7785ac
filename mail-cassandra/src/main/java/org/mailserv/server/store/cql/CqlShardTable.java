package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.ShardTable;

/** The table {@code shard}. */
final class CqlShardTable implements ShardTable {
    private final Requests requests;
    private final PreparedStatement create;
    private final PreparedStatement take;
    private final PreparedStatement release;
    private final PreparedStatement shard;
    private final PreparedStatement shards;

    CqlShardTable(Requests requests) {
        this.requests = requests;
        create = requests.prepare("INSERT INTO @shard (shard, run, epoch) VALUES (?, ?, 1) IF NOT EXISTS");
        // The comparison of the run always holds; it makes a refusal contain the row.
        take = requests.prepare("UPDATE @shard SET run = ?, epoch = ? WHERE shard = ? IF epoch = ? AND run != ''");
        release = requests.prepare("UPDATE @shard SET run = null WHERE shard = ? IF epoch = ? AND run = ?");
        shard = requests.prepare("SELECT shard, run, epoch FROM @shard WHERE shard = ?");
        shards = requests.prepare("SELECT shard, run, epoch FROM @shard");
    }

    @Override
    public CompletionStage<Conditional<ShardRow>> take(int number, RunId run, int epoch) {
        return conditional(
                epoch == 0 ? create.bind(number, run.toString()) : take.bind(run.toString(), epoch + 1, number, epoch),
                number);
    }

    @Override
    public CompletionStage<Conditional<ShardRow>> release(int number, RunId run, int epoch) {
        return conditional(release.bind(number, epoch, run.toString()), number);
    }

    @Override
    public CompletionStage<List<ShardRow>> shard(int number) {
        return requests.readSerial(shard.bind(number), row -> toRow(number, row));
    }

    @Override
    public CompletionStage<List<ShardRow>> shards() {
        return requests.read(shards.bind(), Requests.SMALL_ROWS, row -> toRow(row.getInt("shard"), row));
    }

    private CompletionStage<Conditional<ShardRow>> conditional(BoundStatement statement, int number) {
        return requests.conditional(statement, row -> toRow(number, row), () -> shard(number));
    }

    private static ShardRow toRow(int number, Row row) {
        @Nullable String run = row.getString("run");
        return new ShardRow(number, run == null ? null : RunId.parse(run), row.getInt("epoch"));
    }
}
