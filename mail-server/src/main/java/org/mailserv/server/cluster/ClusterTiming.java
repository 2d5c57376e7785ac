package org.mailserv.server.cluster;

import java.time.Duration;

/**
 * The times that the nodes of a cluster agree on. All nodes must have the same.
 *
 * @param beat between two signs of life
 * @param sure after the last sign of life that the tables took, a node may no longer begin what another could begin too
 * @param dead without a new sign of life for this time, a run is declared dead; well above {@code sure}
 * @param shards between two looks at the owners of the shards
 * @param moved between two looks at what came into an owned shard
 * @param reread between two full reads of an owned shard
 * @param segment the age at which a segment is closed
 * @param again before a failed request is repeated
 */
public record ClusterTiming(
        Duration beat,
        Duration sure,
        Duration dead,
        Duration shards,
        Duration moved,
        Duration reread,
        Duration segment,
        Duration again) {
    /** The times of the design. */
    public static final ClusterTiming DEFAULT = new ClusterTiming(
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofSeconds(60),
            Duration.ofMillis(500));

    public ClusterTiming {
        if (sure.compareTo(dead) >= 0) {
            throw new IllegalArgumentException("sure: " + sure + " (expected: less than dead, " + dead + ")");
        }
    }
}
