package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.store.DestinationBlocks;

/** Failures of destinations that all nodes share. The engine ends each entry when the destination may be tried again. */
public final class ClusterBlocks implements DestinationBlocks {
    private static final String NAME = "block";

    private final ClusterLoop loop;
    private final HintTable hints;

    public ClusterBlocks(ClusterLoop loop, HintTable hints) {
        this.loop = loop;
        this.hints = hints;
    }

    @Override
    public void put(String destination, Duration wait, String reason) {
        if (wait.toSeconds() > 0) {
            long until = loop.wallTime().plus(wait).getEpochSecond();
            hints.put(Hint.LANE_BLOCK, destination, NAME, until + " " + reason, wait);
        }
    }

    @Override
    public CompletionStage<@Nullable Block> find(String destination) {
        CompletableFuture<@Nullable Block> found = new CompletableFuture<>();
        hints.read(Hint.LANE_BLOCK, destination)
                .whenComplete((values, failure) -> found.complete(values == null ? null : block(values)));
        return found;
    }

    private @Nullable Block block(Map<String, String> values) {
        String value = values.get(NAME);
        int space = value == null ? -1 : value.indexOf(' ');
        if (value == null || space <= 0) {
            return null;
        }
        try {
            long left =
                    Long.parseLong(value.substring(0, space)) - loop.wallTime().getEpochSecond();
            return left <= 0 ? null : new Block(Duration.ofSeconds(left), value.substring(space + 1));
        } catch (NumberFormatException e) {
            // A newer version may write another form. It is a hint.
            return null;
        }
    }
}
