package org.mailserv.server.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Destinations that failed lately, so that one node alone tries a dead host. These are hints: one that is late or missing costs a connection
 * attempt. Thread-safe; no method blocks.
 */
public interface DestinationBlocks {
    /** No knowledge beyond this node's own. */
    DestinationBlocks NONE = new DestinationBlocks() {
        @Override
        public void put(String destination, Duration wait, String reason) {
            // The queue of the destination knows.
        }

        @Override
        public CompletionStage<@Nullable Block> find(String destination) {
            return CompletableFuture.completedFuture(null);
        }
    };

    /**
     * A destination that is not to be tried yet.
     *
     * @param left the time until the next attempt, at least zero
     * @param reason one line for people
     */
    record Block(Duration left, String reason) {}

    /**
     * Tells other nodes that a destination has failed.
     *
     * @param destination the key of the destination, the same on all nodes
     * @param wait the time until this node tries it again
     */
    void put(String destination, Duration wait, String reason);

    /**
     * Looks for the failure that another node has seen.
     *
     * @return the block, or null when there is none or the store cannot tell; may be complete already, and never fails
     */
    CompletionStage<@Nullable Block> find(String destination);
}
