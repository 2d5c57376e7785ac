package org.mailserv.server.cluster;

/**
 * The settings of a node.
 *
 * @param cluster the name of the cluster
 * @param node the name of this node, unique in the cluster and the same after a restart
 * @param door its process and the address that the process listens at, or an empty text
 * @param timing the times that all nodes agree on
 * @param shards shards of the queue, {@link #SHARDS} but in tests; the same for all nodes, and never changed
 * @param memory octets of journal entries that may wait to be written
 */
public record ClusterSettings(String cluster, String node, String door, ClusterTiming timing, int shards, long memory) {
    /** Shards of the queue. */
    public static final int SHARDS = 256;

    public ClusterSettings {
        if (node.isEmpty() || node.contains("/")) {
            throw new IllegalArgumentException("node: \"" + node + "\" (expected: a name without a slash)");
        }
    }
}
