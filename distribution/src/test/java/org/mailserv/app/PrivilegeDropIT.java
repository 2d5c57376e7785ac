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
import org.mailserv.server.testing.ForeignPrograms;

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

    @Test
    @DisplayName(
            "what init writes as root is for the owner of the data folder, as a package made it: that user can start the server")
    void initIsForTheServersUser() throws Exception {
        assumeTrue(
                Files.isDirectory(Path.of("/proc/self/task")) && "root".equals(System.getProperty("user.name")),
                "needs root");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path data = Files.createDirectory(
                folder.resolve("data"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        int nobody = 65_534;
        Files.setAttribute(data, "unix:uid", nobody);
        Files.setAttribute(data, "unix:gid", nobody);
        Path config = folder.resolve("mailserv.conf");
        ServerProcess.Result init = ServerProcess.run(
                folder,
                "",
                "-c",
                config.toString(),
                "init",
                "--yes",
                "--domain",
                "example.org",
                "--data-dir",
                data + "");
        assertThat(init.code()).as(init.output()).isZero();
        for (String command : new String[] {"user add kim@example.org", "dkim rotate example.org", "alias add a joe"}) {
            ServerProcess.run(folder, "", ("-c " + config + " " + command).split(" "));
        }
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.toList()) {
                assertThat(Files.getAttribute(file, "unix:uid")).as(file + "").isEqualTo(nobody);
            }
        }
        assertThat(Files.getAttribute(config, "unix:gid")).isEqualTo(nobody);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-r-----");
        ForeignPrograms.assumeAble("setpriv", "clear-groups", "setpriv", "--help");
        Process check = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + nobody,
                        "--regid=" + nobody,
                        "--clear-groups",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("mailserv.jar"),
                        "-c",
                        config.toString(),
                        "check-config")
                .redirectErrorStream(true)
                .start();
        String output = new String(check.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(output).isZero();
    }
}
