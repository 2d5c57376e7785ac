package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.mailserv.server.cluster.table.HintTable;

/** The tables of hints, one for each kind, named after it. */
final class CqlHintTable implements HintTable {
    /** The statements of one table. */
    private record Statements(PreparedStatement put, PreparedStatement read) {}

    private final Requests requests;
    private final Map<Hint, Statements> statements = new EnumMap<>(Hint.class);

    CqlHintTable(Requests requests) {
        this.requests = requests;
        for (Hint hint : Hint.values()) {
            String table = hint.name().toLowerCase(Locale.ROOT);
            statements.put(
                    hint,
                    new Statements(
                            requests.prepare(
                                    "INSERT INTO @" + table + " (key, name, value) VALUES (?, ?, ?) USING TTL ?"),
                            requests.prepare("SELECT name, value FROM @" + table + " WHERE key = ?")));
        }
    }

    @Override
    public CompletionStage<Void> put(Hint hint, String key, String name, String value, Duration life) {
        return requests.write(of(hint).put().bind(key, name, value, Math.max(1, Math.toIntExact(life.toSeconds()))));
    }

    @Override
    public CompletionStage<Map<String, String>> read(Hint hint, String key) {
        return requests.read(of(hint).read().bind(key), Requests.SMALL_ROWS, row -> row)
                .thenApply(rows -> rows.stream()
                        .collect(
                                Collectors.toMap(row -> Columns.text(row, "name"), row -> Columns.text(row, "value"))));
    }

    private Statements of(Hint hint) {
        return Objects.requireNonNull(statements.get(hint));
    }
}
