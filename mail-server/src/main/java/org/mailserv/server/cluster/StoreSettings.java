package org.mailserv.server.cluster;

import java.time.Duration;

/**
 * The settings of the store of a node.
 *
 * @param node the settings that make it a node
 * @param inlineLimit octets of the largest message that goes into the journal as a whole
 * @param memoryLimit octets of messages in memory while they are received
 * @param startTimeout time to wait for the first run
 * @param leaveTimeout time at a stop to hand the mail over; after it, other nodes take it over
 */
public record StoreSettings(
        ClusterSettings node, int inlineLimit, long memoryLimit, Duration startTimeout, Duration leaveTimeout) {
    /** The largest {@code inlineLimit}: a row of the journal has to fit into one mutation of the engine. */
    public static final int MOST_INLINE = 1 << 20;

    /** Returns the same settings with the door of a process. */
    public StoreSettings withDoor(String door) {
        ClusterSettings open =
                new ClusterSettings(node.cluster(), node.node(), door, node.timing(), node.shards(), node.memory());
        return new StoreSettings(open, inlineLimit, memoryLimit, startTimeout, leaveTimeout);
    }
}
