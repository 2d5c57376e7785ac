package org.mailserv.server.cluster.table;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The tables of hints. The engine's clock orders them, and each has a lifetime. */
public interface HintTable {
    /** Kinds of hints, a table each. */
    enum Hint {
        /** Destinations that failed. */
        LANE_BLOCK,
        /** Networks that were deferred once. */
        GREYLIST,
        /** Counts against limits, with the node as name. */
        SPENT,
        /** Nodes that wait for a seat, with the resource of the seat as key. */
        SEAT_WAIT,
        /** Shards that mail has moved into, with the node that should look as key and the shard as name. */
        SHARD_MOVED,
        /** Questions to a node, which is the key, with the id of the question as name. */
        PEER_QUESTION,
        /** Parts of the answer to a question, whose id is the key. */
        PEER_ANSWER
    }

    /**
     * Writes a hint. The last write counts.
     *
     * @param key the partition
     * @param name the row within it
     * @param life a whole number of seconds, at least one
     */
    CompletionStage<Void> put(Hint hint, String key, String name, String value, Duration life);

    /** Reads the values of a partition that have not expired, by name. */
    CompletionStage<Map<String, String>> read(Hint hint, String key);
}
