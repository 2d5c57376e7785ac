package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.FileTable;

/** The table {@code shared_file}. */
final class CqlFileTable implements FileTable {
    private final Requests requests;
    private final PreparedStatement create;
    private final PreparedStatement replace;
    private final PreparedStatement file;
    private final PreparedStatement versions;

    CqlFileTable(Requests requests) {
        this.requests = requests;
        create = requests.prepare(
                "INSERT INTO @shared_file (name, version, content, deleted) VALUES (?, 1, ?, ?) IF NOT EXISTS");
        replace = requests.prepare(
                "UPDATE @shared_file SET version = ?, content = ?, deleted = ? WHERE name = ? IF version = ?");
        file = requests.prepare("SELECT name, version, content, deleted FROM @shared_file WHERE name = ?");
        versions = requests.prepare("SELECT name, version FROM @shared_file");
    }

    @Override
    public CompletionStage<Conditional<FileRow>> write(FileRow row) {
        BoundStatement statement = row.version() == 1
                ? create.bind(row.name(), row.content(), row.deleted())
                : replace.bind(row.version(), row.content(), row.deleted(), row.name(), row.version() - 1);
        // A refusal of a replacement contains the version alone: a condition cannot name the content.
        return requests.conditional(statement, null, () -> read(row.name()));
    }

    @Override
    public CompletionStage<List<FileRow>> read(String name) {
        return requests.readSerial(file.bind(name), row -> toRow(name, row));
    }

    @Override
    public CompletionStage<Map<String, Long>> versions() {
        return requests.read(versions.bind(), Requests.SMALL_ROWS, CqlFileTable::toVersion)
                .thenApply(rows -> rows.stream().collect(Collectors.toMap(Entry::getKey, Entry::getValue)));
    }

    private static Entry<String, Long> toVersion(Row row) {
        return new SimpleImmutableEntry<>(row.getString("name"), row.getLong("version"));
    }

    private static FileRow toRow(String name, Row row) {
        @Nullable ByteBuffer content = row.getByteBuffer("content");
        return new FileRow(
                name,
                row.getLong("version"),
                content == null ? ByteBuffer.allocate(0) : content,
                row.getBoolean("deleted"));
    }
}
