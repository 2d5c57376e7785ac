package org.mailserv.server.store.cql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.CqlSession;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.store.cql.Schema.Migration;
import org.mailserv.server.store.cql.testing.OneCassandra;

/** Servers that start together, or of different builds, over one keyspace. */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
class SchemaUpgradeTest {
    private static final Duration GRACE = Duration.ofDays(1);

    @Test
    @DisplayName("Servers that start at the same time over nothing share the same tables")
    void oneCreatesForAll() throws Exception {
        EngineConfig config = OneCassandra.config();
        ExecutorService servers = Executors.newFixedThreadPool(3);
        List<Engine> engines = new ArrayList<>();
        try {
            List<Future<Engine>> starts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                starts.add(servers.submit(() -> new CqlEngineProvider().open(config)));
            }
            for (Future<Engine> start : starts) {
                engines.add(start.get(3, TimeUnit.MINUTES));
            }
            RunId run = new RunId("a", 1);
            engines.get(0).tables().runs().fence(run).toCompletableFuture().get();
            for (Engine engine : engines) {
                assertThat(engine.tables()
                                .runs()
                                .isFenced(run)
                                .toCompletableFuture()
                                .get())
                        .isTrue();
                assertThat(engine.nodes()).isNotEmpty().allMatch(Engine.EngineNode::isUp);
            }
        } finally {
            engines.forEach(Engine::close);
            servers.shutdownNow();
        }
    }

    @Test
    @DisplayName("A newer build adds its tables, an older one goes on while it can and is refused when it cannot")
    void versionsMeet() throws Exception {
        EngineConfig config = OneCassandra.config();
        Migration one = new Migration(1, 1, names -> List.of(names.table("a", "k int PRIMARY KEY", GRACE)));
        Migration two = new Migration(2, 1, names -> List.of(names.table("b", "k int PRIMARY KEY", GRACE)));
        Migration three = new Migration(3, 3, names -> List.of(names.table("c", "k int PRIMARY KEY", GRACE)));
        try (CqlSession session = session(config)) {
            new SchemaUpgrade(session, config, List.of(one)).createKeyspace();
            new SchemaUpgrade(session, config, List.of(one)).run();
            new SchemaUpgrade(session, config, List.of(one, two)).run();
            assertThat(tables(session, config)).contains("a", "b");
            new SchemaUpgrade(session, config, List.of(one)).run();
            new SchemaUpgrade(session, config, List.of(one, two, three)).run();
            assertThat(tables(session, config)).contains("a", "b", "c");
            assertThatThrownBy(() -> new SchemaUpgrade(session, config, List.of(one, two)).run())
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("have version 3, which this build cannot use")
                    .hasMessageContaining("Upgrade mailserv");
        }
    }

    @Test
    @DisplayName("A keyspace with fewer copies than wanted, or one that is not logged, is refused")
    void copiesAreCounted() throws Exception {
        EngineConfig config = OneCassandra.config();
        try (CqlSession session = session(config)) {
            new SchemaUpgrade(session, config, Schema.MIGRATIONS).createKeyspace();
            EngineConfig three = OneCassandra.config(config.keyspace(), 3);
            assertThatThrownBy(() -> new EngineChecks(session, three).run())
                    .hasMessageContaining("keeps 1 copies in data centre dc1 (expected: at least 3)");
            new EngineChecks(session, config).run();
            session.execute("ALTER KEYSPACE " + config.keyspace() + " WITH durable_writes = false");
            assertThatThrownBy(() -> new EngineChecks(session, config).run()).hasMessageContaining("durable_writes");
        }
    }

    private static CqlSession session(EngineConfig config) {
        String point = config.contactPoints().get(0);
        return CqlSession.builder()
                .withConfigLoader(DriverSettings.of(config))
                .addContactPoint(new InetSocketAddress(EngineConfig.host(point), EngineConfig.port(point)))
                .build();
    }

    private static List<String> tables(CqlSession session, EngineConfig config) {
        return session.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", config.keyspace())
                .map(row -> row.getString(0))
                .all();
    }
}
