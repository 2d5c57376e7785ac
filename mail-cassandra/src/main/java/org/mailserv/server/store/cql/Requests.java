package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;

/** Sends statements, and turns the engine's answers into those of the tables. Thread-safe. */
final class Requests {
    /** Rows of a page where rows are small. */
    static final int SMALL_ROWS = 2000;

    private final CqlSession session;
    private final String keyspace;

    Requests(CqlSession session, String keyspace) {
        this.session = session;
        this.keyspace = keyspace;
    }

    /** Prepares a statement, in which {@code @} before a name stands for the keyspace. Blocks. */
    PreparedStatement prepare(String statement) {
        return session.prepare(statement.replace("@", keyspace + "."));
    }

    /** Executes a logical write or a hint. */
    CompletionStage<Void> write(Statement<?> statement) {
        return failing(session.executeAsync(statement.setIdempotent(true)).thenApply(result -> null));
    }

    /** Executes logical writes within one partition as one mutation. Timestamps are those of the statements. */
    CompletionStage<Void> writeTogether(List<BoundStatement> statements) {
        BatchStatementBuilder batch = BatchStatement.builder(BatchType.UNLOGGED);
        statements.forEach(batch::addStatement);
        return write(batch.build());
    }

    /** Reads all rows at a quorum. */
    <T> CompletionStage<List<T>> read(BoundStatement statement, int pageSize, Function<Row, T> map) {
        return read(statement, DefaultConsistencyLevel.LOCAL_QUORUM, pageSize, map);
    }

    /** Reads all rows of a partition that is written conditionally. */
    <T> CompletionStage<List<T>> readSerial(BoundStatement statement, Function<Row, T> map) {
        return read(statement, DefaultConsistencyLevel.LOCAL_SERIAL, SMALL_ROWS, map);
    }

    private <T> CompletionStage<List<T>> read(
            BoundStatement statement, ConsistencyLevel level, int pageSize, Function<Row, T> map) {
        BoundStatement read =
                statement.setConsistencyLevel(level).setIdempotent(true).setPageSize(pageSize);
        return failing(session.executeAsync(read).thenCompose(page -> collect(page, map, new ArrayList<>())));
    }

    private static <T> CompletionStage<List<T>> collect(AsyncResultSet page, Function<Row, T> map, List<T> rows) {
        for (Row row : page.currentPage()) {
            rows.add(map.apply(row));
        }
        return page.hasMorePages()
                ? page.fetchNextPage().thenCompose(next -> collect(next, map, rows))
                : CompletableFuture.completedFuture(rows);
    }

    /**
     * Executes a conditional write.
     *
     * @param current makes the row that refused the write from the columns of the condition; null if they are not the whole row
     * @param reread reads the row, for a refusal that does not contain it; null if there is none
     */
    <T> CompletionStage<Conditional<T>> conditional(
            BoundStatement statement, @Nullable Function<Row, T> current, Supplier<CompletionStage<List<T>>> reread) {
        return session.executeAsync(statement
                        .setExecutionProfileName(DriverSettings.CONDITIONAL)
                        .setIdempotent(false))
                .handle((result, failure) -> failure == null
                        ? outcome(result, current, reread)
                        : CompletableFuture.completedFuture(
                                EngineFailures.isConditionalWithoutEffect(failure)
                                        ? Conditional.<T>failed()
                                        : Conditional.<T>unknown()))
                .thenCompose(outcome -> outcome);
    }

    private static <T> CompletionStage<Conditional<T>> outcome(
            AsyncResultSet result, @Nullable Function<Row, T> current, Supplier<CompletionStage<List<T>>> reread) {
        if (result.wasApplied()) {
            return CompletableFuture.completedFuture(Conditional.applied());
        }
        Row row = result.one();
        if (row == null || row.getColumnDefinitions().size() < 2) {
            return CompletableFuture.completedFuture(Conditional.refused(null));
        }
        if (current != null) {
            return CompletableFuture.completedFuture(Conditional.refused(current.apply(row)));
        }
        // Without the row, a refusal would say that there is none.
        return reread.get()
                .handle((rows, failure) -> failure == null
                        ? Conditional.refused(rows.isEmpty() ? null : rows.get(0))
                        : Conditional.unknown());
    }

    private static <T> CompletionStage<T> failing(CompletionStage<T> stage) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(EngineFailures.of(failure));
            }
        });
        return answer;
    }
}
