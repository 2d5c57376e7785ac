package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineProvider;
import org.mailserv.server.store.cql.testing.OneCassandra;

/** The second jar: the first one finds it where it is, and does without it where it is not. */
class CassandraJarIT {
    private static final long SIZE_LIMIT = 8_000_000;
    private static final Path JAR = Path.of(System.getProperty("mailserv.jar"));
    private static final Path SECOND = JAR.resolveSibling(EngineProvider.CASSANDRA_JAR);

    @TempDir
    Path folder;

    @Test
    @DisplayName("the driver is in the second jar alone, which is under 8 MB and repeats nothing of the first")
    void jarsAreDisjoint() throws Exception {
        try (JarFile first = new JarFile(JAR.toFile());
                JarFile second = new JarFile(SECOND.toFile())) {
            assertThat(Files.size(SECOND)).isLessThan(SIZE_LIMIT);
            assertThat(first.getManifest().getMainAttributes().getValue("Class-Path"))
                    .isEqualTo(EngineProvider.CASSANDRA_JAR);
            assertThat(first.stream().map(Object::toString)).noneMatch(name -> name.contains("com/datastax"));
            List<String> both = second.stream()
                    .map(Object::toString)
                    .filter(name -> name.endsWith(".class"))
                    .filter(name -> first.getEntry(name) != null)
                    .toList();
            assertThat(both).isEmpty();
        }
    }

    @Test
    @DisplayName("the first jar finds the provider of the second beside it, and nothing where it is missing")
    void providerIsFoundBesideTheJar() throws Exception {
        Path alone = Files.copy(JAR, folder.resolve("mailserv.jar"));
        assertThat(find(alone)).isEmpty();
        assertThat(find(JAR)).isPresent();
    }

    private static Optional<?> find(Path jar) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            return (Optional<?>) loader.loadClass(EngineProvider.class.getName())
                    .getMethod("find")
                    .invoke(null);
        }
    }

    @Nested
    @Tag("cluster")
    @ExtendWith(OneCassandra.class)
    @DisplayName("with Apache Cassandra")
    class WithCassandra {
        private static final String PROBE = """
            import java.time.Duration;
            import java.util.*;
            import org.mailserv.server.cluster.engine.*;
            import org.mailserv.server.cluster.table.*;

            public class Probe {
                public static void main(String[] arguments) throws Exception {
                    EngineConfig base = EngineConfig.of(List.of(arguments[0]));
                    EngineConfig config = new EngineConfig(base.contactPoints(), "dc1", arguments[1], 1, null, null, false, null,
                        base.durability(), Duration.ofSeconds(20), Duration.ofSeconds(20), base.startTimeout(), 64, 64);
                    long begun = System.nanoTime();
                    try (Engine engine = EngineProvider.find().orElseThrow().open(config)) {
                        RunId run = new RunId("probe", 1);
                        System.out.println("begun " + engine.tables().runs().begin(run).toCompletableFuture().get().outcome());
                        engine.tables().runs().fence(run).toCompletableFuture().get();
                        System.out.println("fenced " + engine.tables().runs().isFenced(run).toCompletableFuture().get());
                        System.out.println("ms " + (System.nanoTime() - begun) / 1_000_000);
                    }
                }
            }
            """;

        @Test
        @DisplayName("what is left of the trimmed libraries connects, writes and reads")
        void trimmedDriverWorks() throws Exception {
            EngineConfig config = OneCassandra.config();
            Path probe = Files.writeString(folder.resolve("Probe.java"), PROBE);
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            String output = Tools.run(
                    java.toString(),
                    "-cp",
                    JAR.toString(),
                    probe.toString(),
                    config.contactPoints().get(0),
                    config.keyspace());
            assertThat(output).contains("begun APPLIED", "fenced true");
        }
    }
}
