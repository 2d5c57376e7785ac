package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.spool.QueueId;

/** The tables {@code body} and {@code body_ref}. One mutation writes both, because a partition of each has the same key. */
final class CqlBodyTable implements BodyTable {
    private final Requests requests;
    private final PreparedStatement insertPart;
    private final PreparedStatement insertHead;
    private final PreparedStatement addRef;
    private final PreparedStatement deleteRef;
    private final PreparedStatement refs;
    private final PreparedStatement head;
    private final PreparedStatement part;
    private final PreparedStatement delete;

    CqlBodyTable(Requests requests) {
        this.requests = requests;
        insertPart = requests.prepare("INSERT INTO @body (body, part, data) VALUES (?, ?, ?) USING TIMESTAMP 1");
        insertHead = requests.prepare("INSERT INTO @body (body, size, head) VALUES (?, ?, ?) USING TIMESTAMP 1");
        addRef = requests.prepare("INSERT INTO @body_ref (body, ref) VALUES (?, ?) USING TIMESTAMP 1");
        deleteRef = requests.prepare("DELETE FROM @body_ref USING TIMESTAMP 2 WHERE body = ? AND ref = ?");
        refs = requests.prepare("SELECT ref FROM @body_ref WHERE body = ?");
        head = requests.prepare("SELECT DISTINCT body, size, head FROM @body WHERE body = ?");
        part = requests.prepare("SELECT data FROM @body WHERE body = ? AND part = ?");
        delete = requests.prepare("DELETE FROM @body USING TIMESTAMP 2 WHERE body = ?");
    }

    @Override
    public CompletionStage<Void> insertPart(QueueId body, int number, ByteBuffer data) {
        return requests.write(insertPart.bind(body.toString(), number, data));
    }

    @Override
    public CompletionStage<Void> commit(
            QueueId body, BodyHead facts, @Nullable ByteBuffer first, Collection<String> names) {
        List<BoundStatement> statements = new ArrayList<>();
        statements.add(insertHead.bind(body.toString(), facts.size(), facts.head()));
        if (first != null) {
            statements.add(insertPart.bind(body.toString(), 0, first));
        }
        names.forEach(name -> statements.add(addRef.bind(body.toString(), name)));
        return requests.writeTogether(statements);
    }

    @Override
    public CompletionStage<Void> addRefs(QueueId body, Collection<String> names) {
        return requests.writeTogether(
                names.stream().map(name -> addRef.bind(body.toString(), name)).toList());
    }

    @Override
    public CompletionStage<Void> deleteRefs(QueueId body, Collection<String> names) {
        return requests.writeTogether(names.stream()
                .map(name -> deleteRef.bind(body.toString(), name))
                .toList());
    }

    @Override
    public CompletionStage<List<String>> refs(QueueId body) {
        return requests.read(refs.bind(body.toString()), Requests.SMALL_ROWS, row -> Columns.text(row, "ref"));
    }

    @Override
    public CompletionStage<List<BodyHead>> head(QueueId body) {
        return requests.read(head.bind(body.toString()), 1, row -> row)
                .thenApply(rows -> rows.stream()
                        .filter(row -> !row.isNull("size"))
                        .map(row -> new BodyHead(row.getLong("size"), Columns.octets(row, "head")))
                        .toList());
    }

    @Override
    public CompletionStage<List<ByteBuffer>> part(QueueId body, int number) {
        return requests.read(part.bind(body.toString(), number), 1, row -> Columns.octets(row, "data"));
    }

    @Override
    public CompletionStage<Void> delete(QueueId body) {
        return requests.write(delete.bind(body.toString()));
    }
}
