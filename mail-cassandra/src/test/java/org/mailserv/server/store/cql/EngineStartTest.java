package org.mailserv.server.store.cql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineConfig.Durability;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.store.cql.testing.CassandraCluster;

/** An engine that wants a login, has TLS, and answers before it syncs. */
@Tag("cluster")
class EngineStartTest {
    @TempDir
    static Path folder;

    private static CassandraCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        makeKeys(folder.resolve("node.p12"), folder.resolve("node.pem"), "127.0.0.21");
        makeKeys(folder.resolve("other.p12"), folder.resolve("other.pem"), "127.0.0.99");
        cluster = CassandraCluster.start(
                folder, CassandraCluster.Setup.of(1).periodic().secured(folder.resolve("node.p12"), "changeit"));
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @DisplayName("The start says what is wrong: authority, TLS, password, and a commit log that is synced later")
    void startSaysWhatIsWrong() throws Exception {
        Path authority = folder.resolve("node.pem");
        createUser();
        assertThatThrownBy(() -> open("secret", folder.resolve("other.pem"), Durability.SYNCED))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("No Cassandra node answers at "
                        + cluster.contactPoints().get(0));
        assertThatThrownBy(() -> open("secret", folder.resolve("none.pem"), Durability.SYNCED))
                .hasMessageContaining("store.cassandra.ca-file");
        assertThatThrownBy(() -> open("wrong", authority, Durability.SYNCED))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("refuses the login of user mailserv");
        assertThatThrownBy(() -> open("secret", authority, Durability.SYNCED))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("answers before it syncs (commitlog_sync: periodic)");
        try (Engine engine = open("secret", authority, Durability.REPLICATED)) {
            assertThat(engine.tables().shards().shards().toCompletableFuture().get())
                    .isEmpty();
        }
    }

    /** Executes the statements of docs/cluster.md. */
    private static void createUser() throws Exception {
        EngineConfig config = config("secret", folder.resolve("node.pem"), Durability.SYNCED);
        String point = config.contactPoints().get(0);
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().untilAsserted(() -> {
            try (CqlSession session = CqlSession.builder()
                    .withConfigLoader(DriverSettings.of(config))
                    .addContactPoint(new InetSocketAddress(EngineConfig.host(point), EngineConfig.port(point)))
                    .withAuthCredentials("cassandra", "cassandra")
                    .withSslContext(EngineTls.context(config.caFile()))
                    .build()) {
                session.execute("CREATE ROLE IF NOT EXISTS mailserv WITH PASSWORD = 'secret' AND LOGIN = true");
                session.execute("CREATE KEYSPACE IF NOT EXISTS mailserv"
                        + " WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}");
                session.execute("GRANT ALL PERMISSIONS ON KEYSPACE mailserv TO mailserv");
                session.execute("GRANT SELECT ON KEYSPACE system_views TO mailserv");
            }
        });
    }

    private static Engine open(String password, Path caFile, Durability durability) throws EngineException {
        return new CqlEngineProvider().open(config(password, caFile, durability));
    }

    private static EngineConfig config(String password, Path caFile, Durability durability) {
        EngineConfig defaults = EngineConfig.of(cluster.contactPoints());
        return new EngineConfig(
                defaults.contactPoints(),
                "dc1",
                "mailserv",
                1,
                "mailserv",
                password,
                true,
                caFile,
                durability,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                defaults.maxRequests(),
                defaults.maxWaiting());
    }

    private static void makeKeys(Path store, Path certificate, String address) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        run(List.of(
                keytool,
                "-genkeypair",
                "-alias",
                "node",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "30",
                "-dname",
                "CN=node",
                "-ext",
                "san=ip:" + address,
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString()));
        run(List.of(
                keytool,
                "-exportcert",
                "-rfc",
                "-alias",
                "node",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString(),
                "-file",
                certificate.toString()));
        assertThat(Files.size(certificate)).isPositive();
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as(Files.readString(folder.resolve("keytool.log")))
                .isTrue();
    }
}
