package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the keyspace and brings its tables to the version of this build. One node does it, others that start at the same time wait for it. A
 * node that dies on the way leaves statements undone; the next one executes all of the unfinished version again. Blocks.
 */
final class SchemaUpgrade {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaUpgrade.class);
    private static final Duration LOCK = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 500;
    private static final Duration AGREEMENT = Duration.ofMinutes(4);
    private static final Duration PROLONG = Duration.ofSeconds(20);

    private final CqlSession session;
    private final EngineConfig config;
    private final List<Schema.Migration> migrations;
    private final String holder = UUID.randomUUID().toString();
    private final String table;
    private boolean locked;

    SchemaUpgrade(CqlSession session, EngineConfig config, List<Schema.Migration> migrations) {
        this.session = session;
        this.config = config;
        this.migrations = migrations;
        table = config.keyspace() + ".schema_version";
    }

    /** The row that says which version the tables have. */
    private record Version(int version, int oldest, String seed) {}

    /** Creates the keyspace if it is missing. Two nodes may do so at once. */
    void createKeyspace() throws EngineException, InterruptedException {
        // Engine nodes that have just been started, all at once, have to know each other before the first change.
        awaitAgreement();
        if (session.getMetadata().getKeyspace(config.keyspace()).isEmpty()) {
            LOG.info(
                    "event=keyspace-created keyspace={} replication-factor={}",
                    config.keyspace(),
                    config.replicationFactor());
            ddl("CREATE KEYSPACE IF NOT EXISTS " + config.keyspace()
                    + " WITH replication = {'class': 'NetworkTopologyStrategy', '" + config.datacenter() + "': "
                    + config.replicationFactor() + "}");
        }
    }

    /**
     * Brings the tables to the version of this build.
     *
     * @throws EngineException also if the tables have become too new for this build
     */
    void run() throws EngineException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (step()) {
                    return;
                }
            } catch (DriverException e) {
                // Every step may be repeated: one whose outcome is unknown shows in the next read.
                LOG.warn(
                        "event=schema-upgrade-repeated keyspace={} reason=\"{}\"", config.keyspace(), Failures.text(e));
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            if (System.nanoTime() > end) {
                throw new EngineException("Another node has been upgrading the tables in keyspace " + config.keyspace()
                        + " for " + PATIENCE.toMinutes() + " minutes. Look at its log, and start this node again.");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Goes as far as possible now, and returns whether the tables have the version of this build. */
    private boolean step() throws EngineException, InterruptedException {
        // Its id depends on the name alone: two nodes that create it at once create the same table.
        ddl("CREATE TABLE IF NOT EXISTS " + table
                + " (name text PRIMARY KEY, version int, oldest int, seed text, holder text) WITH id = '"
                + UUID.nameUUIDFromBytes(table.getBytes(StandardCharsets.UTF_8)) + "'");
        int target = migrations.get(migrations.size() - 1).version();
        Version found = read();
        if (found == null) {
            conditional(
                    "INSERT INTO " + table + " (name, version, oldest, seed) VALUES ('schema', 0, 0, ?) IF NOT EXISTS",
                    holder);
            found = read();
        }
        if (found != null && found.version() < target && lock()) {
            locked = true;
            try {
                upgrade(found);
            } finally {
                locked = false;
                unlock();
            }
            found = read();
        }
        if (found != null && found.oldest() > target) {
            throw new EngineException("The tables in keyspace " + config.keyspace() + " have version "
                    + found.version() + ", which this build cannot use (it knows version " + target
                    + "). Upgrade mailserv on this node.");
        }
        return found != null && found.version() >= target;
    }

    private void upgrade(Version found) throws EngineException, InterruptedException {
        // The driver would read all tables again behind each statement.
        session.setSchemaMetadataEnabled(false);
        try {
            migrate(found);
        } finally {
            session.setSchemaMetadataEnabled(null);
        }
    }

    private void migrate(Version found) throws EngineException, InterruptedException {
        for (Schema.Migration migration : migrations) {
            if (migration.version() <= found.version()) {
                continue;
            }
            for (String statement : migration.tables().apply(new Schema.Names(config.keyspace(), found.seed()))) {
                ddl(statement);
                prolong();
            }
            conditional(
                    "UPDATE " + table + " SET version = ?, oldest = ? WHERE name = 'schema' IF version < ?",
                    migration.version(),
                    migration.oldest(),
                    migration.version());
            LOG.info("event=schema-upgraded keyspace={} version={}", config.keyspace(), migration.version());
        }
    }

    private boolean lock() {
        ResultSet result = conditional(
                "INSERT INTO " + table + " (name, holder) VALUES ('lock', ?) IF NOT EXISTS USING TTL "
                        + LOCK.toSeconds(),
                holder);
        // The lock may be ours by an attempt whose answer got lost.
        return result.wasApplied() || holder.equals(result.one().getString("holder"));
    }

    private void unlock() {
        try {
            conditional("DELETE FROM " + table + " WHERE name = 'lock' IF holder = ?", holder);
        } catch (DriverException e) {
            // It ends by itself.
            LOG.debug("event=schema-lock-kept", e);
        }
    }

    private void prolong() throws EngineException {
        if (!conditional(
                        "UPDATE " + table + " USING TTL " + LOCK.toSeconds()
                                + " SET holder = ? WHERE name = 'lock' IF holder = ?",
                        holder,
                        holder)
                .wasApplied()) {
            throw new EngineException("Upgrading the tables in keyspace " + config.keyspace()
                    + " took too long, and another node has begun to do it. Start this node again.");
        }
    }

    private @Nullable Version read() {
        Row row = session.execute(SimpleStatement.newInstance(
                                "SELECT version, oldest, seed FROM " + table + " WHERE name = 'schema'")
                        .setConsistencyLevel(ConsistencyLevel.LOCAL_SERIAL))
                .one();
        return row == null ? null : new Version(row.getInt(0), row.getInt(1), String.valueOf(row.getString(2)));
    }

    private ResultSet conditional(String statement, Object... values) {
        return session.execute(
                SimpleStatement.newInstance(statement, values).setExecutionProfileName(DriverSettings.CONDITIONAL));
    }

    /** Executes a statement that changes the schema, and waits until all engine nodes that are up have the change. */
    private void ddl(String statement) throws EngineException, InterruptedException {
        session.execute(SimpleStatement.newInstance(statement)
                .setTimeout(DriverSettings.SCHEMA_TIMEOUT)
                .setIdempotent(true));
        awaitAgreement();
    }

    /** Waits until all engine nodes that are up have the same schema. Keeps the lock meanwhile. */
    private void awaitAgreement() throws EngineException, InterruptedException {
        long begin = System.nanoTime();
        long prolonged = begin;
        // What the driver says of the statement itself is no answer while it does not read the schema.
        while (!session.checkSchemaAgreement()) {
            long now = System.nanoTime();
            if (now - begin > AGREEMENT.toNanos()) {
                throw new EngineException("The engine nodes do not agree on the schema of keyspace "
                        + config.keyspace()
                        + ". Look for nodes that are down (nodetool describecluster), and start this node again.");
            }
            if (now - prolonged > PROLONG.toNanos()) {
                prolonged = now;
                LOG.info("event=schema-agreement-awaited keyspace={}", config.keyspace());
                if (locked) {
                    prolong();
                }
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
