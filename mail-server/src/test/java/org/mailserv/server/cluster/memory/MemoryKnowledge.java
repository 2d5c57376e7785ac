package org.mailserv.server.cluster.memory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.FileTable;
import org.mailserv.server.cluster.table.HintTable;

final class MemoryKnowledge implements FileTable, HintTable {
    private final MemoryTables tables;
    private final Network network;

    MemoryKnowledge(MemoryTables tables, Network network) {
        this.tables = tables;
        this.network = network;
    }

    @Override
    public CompletionStage<Conditional<FileRow>> write(FileRow row) {
        FileRow kept = new FileRow(row.name(), row.version(), MemoryTables.copy(row.content()), row.deleted());
        return network.call(Kind.CONDITIONAL, "writeFile", () -> {
            FileRow now = tables.files.get(row.name());
            return MemoryTables.set(
                    tables.files, row.name(), (now == null ? 0 : now.version()) == row.version() - 1, kept);
        });
    }

    @Override
    public CompletionStage<List<FileRow>> read(String name) {
        return network.call(Kind.READ, "readFile", () -> {
            FileRow now = tables.files.get(name);
            return now == null ? List.of() : List.of(now);
        });
    }

    @Override
    public CompletionStage<Map<String, Long>> versions() {
        return network.call(Kind.READ, "versions", () -> {
            Map<String, Long> versions = new TreeMap<>();
            tables.files.forEach((name, row) -> versions.put(name, row.version()));
            return versions;
        });
    }

    @Override
    public CompletionStage<Void> put(Hint hint, String key, String name, String value, Duration life) {
        return network.call(Kind.HINT, "putHint", () -> {
            tables.hints
                    .computeIfAbsent(hint + " " + key, made -> new HashMap<>())
                    .put(name, new MemoryTables.Expiring(value, tables.millis.getAsLong() + life.toMillis()));
            return null;
        });
    }

    @Override
    public CompletionStage<Map<String, String>> read(Hint hint, String key) {
        return network.call(Kind.READ, "readHints", () -> {
            Map<String, String> found = new TreeMap<>();
            tables.hints.getOrDefault(hint + " " + key, Map.of()).forEach((name, value) -> {
                if (value.until() > tables.millis.getAsLong()) {
                    found.put(name, value.value());
                }
            });
            return found;
        });
    }
}
