package org.mailserv.server.store.cql.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The jars of the engine, which the profile {@code cluster} collects. */
final class CassandraJars {
    static final Path FOLDER = Path.of("..", "mail-cassandra", "engine", "target", "lib")
            .toAbsolutePath()
            .normalize();

    private CassandraJars() {}

    /** Skips the test unless the profile was active in this build or an earlier one. */
    static void assumeThere() {
        assumeTrue(Files.isDirectory(FOLDER), () -> "Apache Cassandra: " + FOLDER + " is missing; run with -Pcluster");
    }
}
