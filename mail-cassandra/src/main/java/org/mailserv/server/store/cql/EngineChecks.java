package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineConfig.Durability;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks before an engine is used: whether it keeps what it acknowledges. Mail that got a 250 would otherwise be lost when engine nodes lose
 * power. Blocks.
 */
final class EngineChecks {
    private static final Logger LOG = LoggerFactory.getLogger(EngineChecks.class);
    private static final int COPIES = 3;

    private final CqlSession session;
    private final EngineConfig config;

    EngineChecks(CqlSession session, EngineConfig config) {
        this.session = session;
        this.config = config;
    }

    void run() throws EngineException {
        checkReplication();
        for (Node node : session.getMetadata().getNodes().values()) {
            if (config.datacenter().equals(node.getDatacenter())) {
                checkNode(node);
            }
        }
    }

    private void checkReplication() throws EngineException {
        Row row = session.execute(SimpleStatement.newInstance(
                        "SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = ?",
                        config.keyspace()))
                .one();
        Map<String, String> replication = row == null ? null : row.getMap(0, String.class, String.class);
        if (row == null || replication == null) {
            throw new EngineException("Keyspace " + config.keyspace() + " does not exist, and could not be created.");
        }
        if (!row.getBoolean(1)) {
            throw new EngineException(
                    "Keyspace " + config.keyspace() + " has durable_writes = false: mail would be lost."
                            + " Execute: ALTER KEYSPACE " + config.keyspace() + " WITH durable_writes = true");
        }
        int copies = copies(replication);
        if (copies < config.replicationFactor()) {
            throw new EngineException("Keyspace " + config.keyspace() + " keeps " + copies
                    + " copies in data centre " + config.datacenter() + " (expected: at least "
                    + config.replicationFactor() + "). Alter its replication, and run nodetool repair --full "
                    + config.keyspace() + " on each engine node.");
        }
        if (copies < COPIES) {
            LOG.warn(
                    "event=engine-check keyspace={} copies={} reason=\"with fewer than {} copies, the failure of one"
                            + " engine node stops mail or loses it\"",
                    config.keyspace(),
                    copies,
                    COPIES);
        }
    }

    private int copies(Map<String, String> replication) {
        String factor = replication.get(config.datacenter());
        if (factor == null && String.valueOf(replication.get("class")).endsWith("SimpleStrategy")) {
            factor = replication.get("replication_factor");
        }
        // Transient copies, as in 3/1, do not count.
        return factor == null || !factor.matches("[0-9]+") ? 0 : Integer.parseInt(factor);
    }

    private void checkNode(Node node) throws EngineException {
        Map<String, String> settings = settings(node);
        if (settings == null) {
            return;
        }
        String sync = settings.getOrDefault("commitlog_sync", "");
        boolean synced = sync.equals("group") || sync.equals("batch");
        if (!synced && config.durability() == Durability.SYNCED) {
            throw new EngineException(
                    "Cassandra node " + node.getEndPoint() + " answers before it syncs (commitlog_sync: "
                            + sync
                            + "). Set commitlog_sync: group and commitlog_sync_group_window: 5ms in its"
                            + " cassandra.yaml, or store.cassandra.durability = replicated here.");
        }
        String paxos = settings.getOrDefault("paxos_variant", "");
        if (!paxos.equals("v2")) {
            LOG.warn(
                    "event=engine-check node={} paxos-variant={} reason=\"conditional writes need twice the round"
                            + " trips; set paxos_variant: v2 in cassandra.yaml\"",
                    node.getEndPoint(),
                    paxos);
        }
    }

    /** Returns the settings of a node, or null if it does not answer: it is checked when a server starts the next time. */
    private @Nullable Map<String, String> settings(Node node) {
        try {
            Map<String, String> settings = new HashMap<>();
            for (String name : List.of("commitlog_sync", "paxos_variant")) {
                Row row = session.execute(SimpleStatement.newInstance(
                                        "SELECT value FROM system_views.settings WHERE name = ?", name)
                                .setNode(node)
                                .setConsistencyLevel(DefaultConsistencyLevel.ONE)
                                .setIdempotent(true))
                        .one();
                if (row != null && row.getString(0) != null) {
                    settings.put(name, row.getString(0));
                }
            }
            return settings;
        } catch (DriverException e) {
            LOG.warn(
                    "event=engine-check node={} reason=\"its settings could not be read: {}\"",
                    node.getEndPoint(),
                    Failures.text(e));
            return null;
        }
    }
}
