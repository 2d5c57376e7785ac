package org.mailserv.server.store.shared;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.ClusterNode;
import org.mailserv.server.cluster.ClusterSpool;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.ShardTable;

/**
 * The cluster as one node sees it.
 *
 * @param node the name of this node
 * @param run its present run, or null while it has none
 * @param takesMail whether it takes mail
 * @param isDraining whether it hands its mail over
 * @param messages messages that it has to send
 * @param runs all runs that are not forgotten
 * @param shards the number of shards of the queue of each run that has some
 * @param takeovers runs whose mail this node takes over at present
 * @param engine the nodes of the engine
 */
public record ClusterStatus(
        String node,
        @Nullable RunId run,
        boolean takesMail,
        boolean isDraining,
        int messages,
        List<RunRow> runs,
        Map<RunId, Integer> shards,
        List<RunId> takeovers,
        List<Engine.EngineNode> engine) {
    /** On the loop. */
    static ClusterStatus of(
            String name, ClusterSpool spool, List<ShardTable.ShardRow> rows, List<Engine.EngineNode> engine) {
        Map<RunId, Integer> shards = new HashMap<>();
        for (ShardTable.ShardRow row : rows) {
            RunId owner = row.run();
            if (owner != null) {
                shards.merge(owner, 1, Integer::sum);
            }
        }
        ClusterNode node = spool.node();
        return new ClusterStatus(
                name,
                node == null ? null : node.run(),
                spool.isWritable(),
                spool.isDraining(),
                node == null ? 0 : node.messages(),
                node == null ? List.of() : node.runs(),
                shards,
                node == null ? List.of() : List.copyOf(node.takeovers()),
                engine);
    }
}
