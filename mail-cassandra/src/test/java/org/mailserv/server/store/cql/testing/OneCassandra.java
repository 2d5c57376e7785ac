package org.mailserv.server.store.cql.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.mailserv.server.cluster.engine.EngineConfig;

/**
 * One engine node for all test classes of a JVM, started by the first that needs it. Each test takes a keyspace of its own: an engine loses
 * track of a keyspace that is dropped and made again. The system property {@code cassandra.contact-point} names a node that is running already,
 * for a developer's inner loop.
 */
public final class OneCassandra implements BeforeAllCallback {
    private static List<String> contactPoints;

    @Override
    public void beforeAll(ExtensionContext context) {
        String running = System.getProperty("cassandra.contact-point");
        if (running != null) {
            contactPoints = List.of(running);
            return;
        }
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(OneCassandra.class))
                .getOrComputeIfAbsent("engine", key -> new Engine(), Engine.class);
    }

    /** Returns a configuration for a keyspace that does not exist yet, with one copy of each row. */
    public static EngineConfig config() {
        return config("test_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16), 1);
    }

    /** Returns a configuration for a keyspace with some copies of each row. */
    public static EngineConfig config(String keyspace, int copies) {
        EngineConfig defaults = EngineConfig.of(contactPoints);
        return new EngineConfig(
                contactPoints,
                CassandraCluster.DATACENTER,
                keyspace,
                copies,
                null,
                null,
                false,
                null,
                defaults.durability(),
                defaults.requestTimeout().multipliedBy(4),
                defaults.conditionalTimeout().multipliedBy(8),
                defaults.startTimeout(),
                defaults.maxRequests(),
                defaults.maxWaiting());
    }

    /** The process and its folder, which end with the last test. */
    private static final class Engine implements AutoCloseable {
        private final Path folder;
        private final CassandraCluster cluster;

        Engine() {
            try {
                folder = Files.createTempDirectory("cassandra");
                cluster = CassandraCluster.start(folder, CassandraCluster.Setup.of(1));
                contactPoints = cluster.contactPoints();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
