package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.metadata.NodeState;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.table.SharedTables;

/** A session with Apache Cassandra, and the tables over it. */
final class CqlEngine implements Engine {
    private static final long CLOSE_SECONDS = 5;

    private final CqlSession session;
    private final SharedTables tables;

    CqlEngine(CqlSession session, SharedTables tables) {
        this.session = session;
        this.tables = tables;
    }

    @Override
    public SharedTables tables() {
        return tables;
    }

    @Override
    public List<EngineNode> nodes() {
        return session.getMetadata().getNodes().values().stream()
                .map(CqlEngine::toNode)
                .sorted(Comparator.comparing(EngineNode::address))
                .toList();
    }

    private static EngineNode toNode(Node node) {
        String address = node.getBroadcastRpcAddress()
                .map(known -> known.getAddress().getHostAddress() + ":" + known.getPort())
                .orElseGet(() -> node.getEndPoint().toString());
        return new EngineNode(
                address,
                Objects.requireNonNullElse(node.getDatacenter(), ""),
                node.getCassandraVersion() == null
                        ? ""
                        : node.getCassandraVersion().toString(),
                node.getState() == NodeState.UP && node.getOpenConnections() > 0);
    }

    @Override
    public void close() {
        try {
            session.forceCloseAsync().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The connections end with the process.
        }
    }
}
