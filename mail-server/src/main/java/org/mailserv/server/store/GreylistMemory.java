package org.mailserv.server.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The knowledge of other nodes about clients: a second attempt counts at whichever node it arrives. These are hints; one that is late or missing costs
 * the client one more attempt. Thread-safe; no method blocks.
 */
public interface GreylistMemory {
    /** No knowledge beyond this node's own. */
    GreylistMemory NONE = new GreylistMemory() {
        @Override
        public CompletionStage<@Nullable Long> find(Kind kind, String key) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void put(Kind kind, String key, long time, Duration keep) {
            // The greylist of this node has it.
        }
    };

    /** Kinds of entries. */
    enum Kind {
        /** A first attempt, by client, sender and recipient. */
        PENDING,
        /** A network that has come back in time. */
        GOOD
    }

    /**
     * Looks for an entry.
     *
     * @return its time in seconds since 1970, or null when there is none or the store cannot tell in time; may be complete already, and never
     *     fails
     */
    CompletionStage<@Nullable Long> find(Kind kind, String key);

    /**
     * Makes an entry or replaces it.
     *
     * @param time in seconds since 1970
     * @param keep the time after which it may be forgotten
     */
    void put(Kind kind, String key, long time, Duration keep);
}
