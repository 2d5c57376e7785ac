package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.store.GreylistMemory;

/** The knowledge that all nodes share of clients that come for the second time. */
public final class ClusterGreylist implements GreylistMemory {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ClusterLoop loop;
    private final HintTable hints;

    public ClusterGreylist(ClusterLoop loop, HintTable hints) {
        this.loop = loop;
        this.hints = hints;
    }

    @Override
    public CompletionStage<@Nullable Long> find(Kind kind, String key) {
        CompletableFuture<@Nullable Long> found = new CompletableFuture<>();
        ClusterLoop.Timer patience = loop.schedule(PATIENCE, () -> found.complete(null));
        hints.read(Hint.GREYLIST, key).whenComplete((values, failure) -> {
            patience.cancel();
            found.complete(values == null ? null : time(values.get(kind.name())));
        });
        return found;
    }

    private static @Nullable Long time(@Nullable String value) {
        try {
            return value == null ? null : Long.valueOf(value);
        } catch (NumberFormatException e) {
            // Not an entry: the client comes once more.
            return null;
        }
    }

    @Override
    public void put(Kind kind, String key, long time, Duration keep) {
        if (keep.toSeconds() > 0) {
            hints.put(Hint.GREYLIST, key, kind.name(), Long.toString(time), keep);
        }
    }
}
