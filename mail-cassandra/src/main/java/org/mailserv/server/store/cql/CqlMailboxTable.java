package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.spool.QueueId;

/** The tables {@code mailbox} and {@code deletion}. */
final class CqlMailboxTable implements MailboxTable {
    /** Rows of a page of lists of deletions, at 256 KiB each. */
    private static final int LARGE_ROWS = 16;

    private static final String COLUMNS = "SELECT arrived, id, octets, body, uid FROM @mailbox";

    private final Requests requests;
    private final PreparedStatement insert;
    private final PreparedStatement first;
    private final PreparedStatement next;
    private final PreparedStatement delete;
    private final PreparedStatement usage;
    private final PreparedStatement insertDeletion;
    private final PreparedStatement deletions;
    private final PreparedStatement deleteDeletion;

    CqlMailboxTable(Requests requests) {
        this.requests = requests;
        String partition = " WHERE mailbox = ? AND folder = ?";
        insert = requests.prepare("INSERT INTO @mailbox (mailbox, folder, arrived, id, octets, body, uid)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP 1");
        first = requests.prepare(COLUMNS + partition + " LIMIT ?");
        next = requests.prepare(COLUMNS + partition + " AND (arrived, id) > (?, ?) LIMIT ?");
        delete = requests.prepare("DELETE FROM @mailbox USING TIMESTAMP 2" + partition + " AND arrived = ? AND id = ?");
        usage = requests.prepare("SELECT count(*) AS messages, sum(octets) AS octets FROM @mailbox" + partition);
        insertDeletion = requests.prepare(
                "INSERT INTO @deletion (mailbox, list_id, part, data) VALUES (?, ?, ?, ?) USING TIMESTAMP 1");
        deletions = requests.prepare("SELECT list_id, part, data FROM @deletion WHERE mailbox = ?");
        deleteDeletion = requests.prepare("DELETE FROM @deletion USING TIMESTAMP 2 WHERE mailbox = ? AND list_id = ?");
    }

    @Override
    public CompletionStage<Void> insert(Folder folder, MailRow row) {
        BoundStatement statement = insert.bind(
                folder.mailbox(),
                folder.folder(),
                row.key().arrived(),
                row.key().id().toString(),
                row.octets(),
                row.body().toString());
        // A column that is not set costs nothing; a null would be kept as a deletion.
        return requests.write(row.uid() == null ? statement : statement.setString("uid", row.uid()));
    }

    @Override
    public CompletionStage<List<MailRow>> rows(Folder folder, @Nullable MailKey after, int limit) {
        return requests.read(
                after == null
                        ? first.bind(folder.mailbox(), folder.folder(), limit)
                        : next.bind(
                                folder.mailbox(),
                                folder.folder(),
                                after.arrived(),
                                after.id().toString(),
                                limit),
                Requests.SMALL_ROWS,
                CqlMailboxTable::toRow);
    }

    @Override
    public CompletionStage<Void> delete(Folder folder, Collection<MailKey> keys) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return requests.writeTogether(keys.stream()
                .map(key -> delete.bind(
                        folder.mailbox(),
                        folder.folder(),
                        key.arrived(),
                        key.id().toString()))
                .toList());
    }

    @Override
    public CompletionStage<Usage> usage(Folder folder) {
        return requests.read(
                        usage.bind(folder.mailbox(), folder.folder()),
                        Requests.SMALL_ROWS,
                        row -> new Usage(row.getLong("octets"), row.getLong("messages")))
                .thenApply(rows -> rows.isEmpty() ? new Usage(0, 0) : rows.get(0));
    }

    @Override
    public CompletionStage<Void> insertDeletion(String mailbox, DeletionPart part) {
        return requests.write(insertDeletion.bind(mailbox, part.list().toString(), part.part(), part.data()));
    }

    @Override
    public CompletionStage<List<DeletionPart>> deletions(String mailbox) {
        return requests.read(
                deletions.bind(mailbox),
                LARGE_ROWS,
                row -> new DeletionPart(Columns.id(row, "list_id"), row.getInt("part"), Columns.octets(row, "data")));
    }

    @Override
    public CompletionStage<Void> deleteDeletion(String mailbox, QueueId list) {
        return requests.write(deleteDeletion.bind(mailbox, list.toString()));
    }

    private static MailRow toRow(Row row) {
        return new MailRow(
                new MailKey(row.getLong("arrived"), Columns.id(row, "id")),
                row.getLong("octets"),
                Columns.id(row, "body"),
                row.getString("uid"));
    }
}
