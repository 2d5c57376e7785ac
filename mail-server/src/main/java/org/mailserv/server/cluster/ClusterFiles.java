package org.mailserv.server.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.FileTable;
import org.mailserv.server.cluster.table.FileTable.FileRow;
import org.mailserv.server.store.SharedFiles;
import org.mailserv.server.text.Failures;

/** Files that all nodes share, each a row that changes by compare and set. */
public final class ClusterFiles implements SharedFiles {
    /** Octets of a file at most: more would not fit into one mutation of the engine. */
    static final int MOST = 8 * 1024 * 1024;

    private final FileTable table;

    public ClusterFiles(FileTable table) {
        this.table = table;
    }

    private static <T> CompletionStage<T> failing(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                new IOException("shared store: " + Failures.text(Repeat.cause(failure)))));
    }

    @Override
    public CompletionStage<Map<String, Long>> versions() {
        return failing(table.versions());
    }

    @Override
    public CompletionStage<@Nullable Content> read(String name) {
        return failing(table.read(name)).thenApply(rows -> {
            if (rows.isEmpty() || rows.get(0).deleted()) {
                return null;
            }
            FileRow row = rows.get(0);
            return new Content(row.version(), OwnedShard.octets(row.content()));
        });
    }

    @Override
    public CompletionStage<Boolean> replace(String name, long version, byte[] content) {
        if (content.length > MOST) {
            return CompletableFuture.failedFuture(
                    new IOException(name + " has " + content.length + " octets (expected: at most " + MOST + ")"));
        }
        return write(new FileRow(name, version + 1, ByteBuffer.wrap(content), false));
    }

    @Override
    public CompletionStage<Boolean> remove(String name, long version) {
        return write(new FileRow(name, version + 1, ByteBuffer.allocate(0), true));
    }

    private CompletionStage<Boolean> write(FileRow row) {
        return table.write(row).thenApply(result -> switch (result.outcome()) {
            case APPLIED -> true;
            case REFUSED -> false;
            case FAILED, UNKNOWN ->
                throw new CompletionException(
                        new IOException("the shared store does not answer: read " + row.name() + " again"));
        });
    }
}
