package org.mailserv.server.cluster.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.QueueTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.ShardTable;
import org.mailserv.server.spool.QueueId;

final class MemoryQueue implements QueueTable, ShardTable {
    private static final long MOVED_LIFE = 15 * 60_000L;

    private final MemoryTables tables;
    private final Network network;

    MemoryQueue(MemoryTables tables, Network network) {
        this.tables = tables;
        this.network = network;
    }

    @Override
    public CompletionStage<Conditional<ShardRow>> take(int shard, RunId run, int epoch) {
        return network.call(Kind.CONDITIONAL, "takeShard", () -> {
            ShardRow now = tables.shards.get(shard);
            return MemoryTables.set(
                    tables.shards,
                    shard,
                    (now == null ? 0 : now.epoch()) == epoch,
                    new ShardRow(shard, run, epoch + 1));
        });
    }

    @Override
    public CompletionStage<Conditional<ShardRow>> release(int shard, RunId run, int epoch) {
        return network.call(Kind.CONDITIONAL, "releaseShard", () -> {
            ShardRow now = tables.shards.get(shard);
            return MemoryTables.set(
                    tables.shards,
                    shard,
                    now != null && run.equals(now.run()) && now.epoch() == epoch,
                    new ShardRow(shard, null, epoch));
        });
    }

    @Override
    public CompletionStage<List<ShardRow>> shard(int shard) {
        return network.call(Kind.READ, "shard", () -> {
            ShardRow now = tables.shards.get(shard);
            return now == null ? List.of() : List.of(now);
        });
    }

    @Override
    public CompletionStage<List<ShardRow>> shards() {
        return network.call(Kind.READ, "shards", () -> List.copyOf(tables.shards.values()));
    }

    @Override
    public CompletionStage<Void> insert(int shard, QueueRow row) {
        return network.call(Kind.WRITE, "insertQueue", () -> {
            tables.queue.insert(shard, row.id(), row, MemoryTables.INSERT);
            ByteBuffer state = row.state();
            if (state != null) {
                tables.states.insert(shard, row.id(), MemoryTables.copy(state), MemoryTables.INSERT);
            }
            return null;
        });
    }

    @Override
    public CompletionStage<Void> state(int shard, QueueId id, ByteBuffer state, Stamp stamp) {
        ByteBuffer kept = MemoryTables.copy(state);
        return network.call(Kind.WRITE, "writeState", () -> {
            tables.states.insert(shard, id, kept, tables.timestamps.applyAsLong(stamp));
            tables.stateListener.wrote(shard, id, stamp, kept == tables.states.get(shard, id));
            return null;
        });
    }

    @Override
    public CompletionStage<Void> delete(int shard, QueueId id, Stamp stamp) {
        return network.call(Kind.WRITE, "deleteQueue", () -> {
            tables.queue.delete(shard, id, tables.timestamps.applyAsLong(stamp));
            tables.states.delete(shard, id, tables.timestamps.applyAsLong(stamp));
            tables.stateListener.wrote(shard, id, stamp, true);
            return null;
        });
    }

    private @Nullable QueueRow find(int shard, QueueId id) {
        QueueRow row = tables.queue.get(shard, id);
        ByteBuffer state = tables.states.get(shard, id);
        if (row == null) {
            return state == null ? null : new QueueRow(id, null, null, 0, state);
        }
        return new QueueRow(id, row.envelope(), row.body(), row.octets(), state);
    }

    @Override
    public CompletionStage<List<QueueRow>> row(int shard, QueueId id) {
        return network.call(Kind.READ, "queueRow", () -> {
            QueueRow row = find(shard, id);
            return row == null ? List.of() : List.of(row);
        });
    }

    @Override
    public CompletionStage<List<QueueRow>> rows(int shard, @Nullable QueueId after, int limit) {
        return network.call(Kind.READ, "queueRows", () -> {
            TreeMap<QueueId, QueueRow> rows = new TreeMap<>();
            tables.queue.list(shard, after, limit, (id, row) -> rows.put(id, row));
            tables.states.list(
                    shard, after, limit, (id, state) -> rows.put(id, new QueueRow(id, null, null, 0, state)));
            List<QueueRow> found = new ArrayList<>();
            for (QueueId id : rows.keySet()) {
                QueueRow row = find(shard, id);
                if (row != null && found.size() < limit) {
                    found.add(row);
                }
            }
            return found;
        });
    }

    @Override
    public CompletionStage<Void> noteMoved(int shard, long minute, QueueId id) {
        return network.call(Kind.HINT, "noteMoved", () -> {
            tables.hints
                    .computeIfAbsent("moved " + shard + " " + minute, made -> new HashMap<>())
                    .put(id.toString(), new MemoryTables.Expiring("", tables.millis.getAsLong() + MOVED_LIFE));
            return null;
        });
    }

    @Override
    public CompletionStage<List<QueueId>> moved(int shard, long minute) {
        return network.call(
                Kind.READ,
                "moved",
                () -> tables.hints.getOrDefault("moved " + shard + " " + minute, new HashMap<>()).entrySet().stream()
                        .filter(entry -> entry.getValue().until() > tables.millis.getAsLong())
                        .map(entry -> QueueId.parse(entry.getKey()))
                        .toList());
    }
}
