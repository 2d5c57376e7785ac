package org.mailserv.server.store.cql.testing;

import com.datastax.oss.driver.api.core.CqlSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One engine node for all test classes of a JVM, started by the first that needs it. Each test takes a keyspace of its own: an engine loses
 * track of a keyspace that is dropped and made again.
 */
public final class OneCassandra implements BeforeAllCallback {
    private static final AtomicInteger KEYSPACES = new AtomicInteger();
    private static CassandraCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.create(OneCassandra.class))
                .getOrComputeIfAbsent("engine", key -> new Engine(), Engine.class);
    }

    /** Returns the running node. */
    public static CassandraCluster cluster() {
        return cluster;
    }

    /** Creates a keyspace with one copy of each row and returns its name. */
    public static String keyspace() {
        String name = "test_" + KEYSPACES.incrementAndGet();
        String[] contact = cluster.contactPoints().get(0).split(":");
        try (CqlSession session = CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(CassandraCluster.DATACENTER)
                .build()) {
            session.execute("CREATE KEYSPACE " + name
                    + " WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}");
        }
        return name;
    }

    /** The process and its folder, which end with the last test. */
    private static final class Engine implements AutoCloseable {
        private final Path folder;

        Engine() {
            try {
                folder = Files.createTempDirectory("cassandra");
                cluster = CassandraCluster.start(folder, CassandraCluster.Setup.of(1));
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
