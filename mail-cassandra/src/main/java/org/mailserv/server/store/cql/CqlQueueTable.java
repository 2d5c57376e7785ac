package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.QueueTable;
import org.mailserv.server.spool.QueueId;

/** The tables {@code queue} and {@code moved}. */
final class CqlQueueTable implements QueueTable {
    /** Rows of a page: an envelope may have a thousand recipients. */
    private static final int ROWS = 100;

    private static final String MOVED_SECONDS = "900";
    private static final String COLUMNS = "SELECT id, envelope, body, octets, state FROM @queue WHERE shard = ?";

    private final Requests requests;
    private final PreparedStatement insert;
    private final PreparedStatement state;
    private final PreparedStatement delete;
    private final PreparedStatement row;
    private final PreparedStatement first;
    private final PreparedStatement next;
    private final PreparedStatement noteMoved;
    private final PreparedStatement moved;

    CqlQueueTable(Requests requests) {
        this.requests = requests;
        insert = requests.prepare("INSERT INTO @queue (shard, id, envelope, body, octets, state)"
                + " VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP 1");
        state = requests.prepare("UPDATE @queue USING TIMESTAMP ? SET state = ? WHERE shard = ? AND id = ?");
        delete = requests.prepare("DELETE FROM @queue USING TIMESTAMP ? WHERE shard = ? AND id = ?");
        row = requests.prepare(COLUMNS + " AND id = ?");
        first = requests.prepare(COLUMNS + " LIMIT ?");
        next = requests.prepare(COLUMNS + " AND id > ? LIMIT ?");
        noteMoved =
                requests.prepare("INSERT INTO @moved (shard, minute, id) VALUES (?, ?, ?) USING TTL " + MOVED_SECONDS);
        moved = requests.prepare("SELECT id FROM @moved WHERE shard = ? AND minute = ?");
    }

    @Override
    public CompletionStage<Void> insert(int shard, QueueRow message) {
        String id = message.id().toString();
        ByteBuffer envelope = Objects.requireNonNull(message.envelope(), "envelope");
        String body = Objects.requireNonNull(message.body(), "body").toString();
        BoundStatement statement = insert.bind(shard, id, envelope, body, message.octets());
        // A null would be kept as a deletion, and count against a first state that is written beside it.
        return requests.write(message.state() == null ? statement : statement.setByteBuffer("state", message.state()));
    }

    @Override
    public CompletionStage<Void> state(int shard, QueueId id, ByteBuffer value, Stamp stamp) {
        return requests.write(state.bind(stamp.timestamp(), value, shard, id.toString()));
    }

    @Override
    public CompletionStage<Void> delete(int shard, QueueId id, Stamp stamp) {
        return requests.write(delete.bind(stamp.timestamp(), shard, id.toString()));
    }

    @Override
    public CompletionStage<List<QueueRow>> row(int shard, QueueId id) {
        return requests.read(row.bind(shard, id.toString()), 1, CqlQueueTable::toRow);
    }

    @Override
    public CompletionStage<List<QueueRow>> rows(int shard, @Nullable QueueId after, int limit) {
        return requests.read(
                after == null ? first.bind(shard, limit) : next.bind(shard, after.toString(), limit),
                ROWS,
                CqlQueueTable::toRow);
    }

    @Override
    public CompletionStage<Void> noteMoved(int shard, long minute, QueueId id) {
        return requests.write(noteMoved.bind(shard, minute, id.toString()));
    }

    @Override
    public CompletionStage<List<QueueId>> moved(int shard, long minute) {
        return requests.read(moved.bind(shard, minute), Requests.SMALL_ROWS, row -> Columns.id(row, "id"));
    }

    private static QueueRow toRow(Row row) {
        @Nullable String body = row.getString("body");
        return new QueueRow(
                Columns.id(row, "id"),
                row.getByteBuffer("envelope"),
                body == null ? null : QueueId.parse(body),
                row.getLong("octets"),
                row.getByteBuffer("state"));
    }
}
