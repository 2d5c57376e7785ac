package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivilegeDropIT {
    @TempDir
    Path folder;

    @Test
    @DisplayName("U7: started as root it binds, and then no thread of it is root any more")
    void noThreadStaysRoot() throws Exception {
        assumeTrue(
                Files.isDirectory(Path.of("/proc/self/task")) && "root".equals(System.getProperty("user.name")),
                "needs root");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path config = Files.writeString(
                folder.resolve("mailserv.conf"),
                "user = nobody\ndata-dir = " + folder.resolve("data")
                        + "\ndomains { \"example.org\" {} }\n"
                        + "listeners = [{ kind = smtp, address = \"127.0.0.1\", port = 0 }]\n");
        Path log = folder.resolve("log");
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("mailserv.jar"),
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> Files.readString(log).contains("event=ready") || !server.isAlive());
            assertThat(Files.readString(log))
                    .contains("event=privileges-dropped user=nobody")
                    .contains("event=ready");
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + server.pid() + "/task"))) {
                for (Path thread : threads.toList()) {
                    assertThat(Files.readString(thread.resolve("status"))).doesNotContainPattern("Uid:.*\\b0\\b");
                }
            }
        } finally {
            server.destroy();
            assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Files.readString(log)).contains("event=stopped");
    }
}
