package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** The image as it is shipped: {@code -Dmailserv.image=NAME}, {@code mailserv:test} without. Skipped where no engine runs. */
@Tag("docker")
@Testcontainers(disabledWithoutDocker = true)
@Timeout(180)
class ContainerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String IMAGE = System.getProperty("mailserv.image", "mailserv:test");

    @TempDir
    Path folder;

    private Network network;
    private GenericContainer<?> here;
    private GenericContainer<?> there;

    @BeforeEach
    void start() throws IOException {
        network = Network.newNetwork();
        there = container("there", "ann");
        here = container("here", "joe");
        there.start();
        here.start();
    }

    @AfterEach
    void stop() {
        here.stop();
        there.stop();
        network.close();
    }

    private GenericContainer<?> container(String name, String user) throws IOException {
        Path config = folder.resolve(name + ".conf");
        Files.writeString(config, """
                hostname = "%1$s.test"
                domains { "%1$s.test" { mailboxes { %2$s { password = "{PLAIN}secret" } } } }
                listeners = [ { kind = smtp, address = "*" }, { kind = pop3, address = "*" } ]
                relay-networks = ["0.0.0.0/0"]
                pop3.plaintext-networks = ["0.0.0.0/0"]
                relay { allow-loopback = true, retry.schedule = [300ms], routes {
                  "here.test" { host = "here" }
                  "there.test" { host = "there" }
                } }
                checks { spf = off, dmarc = off }
                """.formatted(name, user));
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new GenericContainer<>(DockerImageName.parse(IMAGE))
                .withImagePullPolicy(image -> false)
                .withNetwork(network)
                .withNetworkAliases(name)
                .withExposedPorts(25, 110)
                .withCreateContainerCmdModifier(command -> command.getHostConfig()
                        .withReadonlyRootfs(true)
                        .withTmpFs(Map.of("/tmp", ""))
                        .withBinds(
                                new Bind(config.toString(), new Volume("/etc/mailserv/mailserv.conf")),
                                new Bind(
                                        "mailserv-" + name + "-" + folder.getFileName(),
                                        new Volume("/var/lib/mailserv"))))
                .waitingFor(Wait.forLogMessage(".*event=ready.*\\n", 1))
                .withStartupTimeout(PATIENCE);
    }

    private static List<String> fetch(GenericContainer<?> at, String user) throws IOException {
        return MailClient.fetch(at.getMappedPort(110), user, "secret");
    }

    @Test
    void mailGoesInAndOutAndFromOneToTheOtherAndOutlivesTheContainer() throws Exception {
        MailClient.send(here.getMappedPort(25), "joe@here.test", "Subject: here\n\nbody\n", "joe@here.test");
        assertThat(fetch(here, "joe@here.test")).hasSize(1);

        MailClient.send(here.getMappedPort(25), "joe@here.test", "Subject: over\n\nbody\n", "ann@there.test");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(fetch(there, "ann@there.test")).hasSize(1));

        there.stop();
        MailClient.send(here.getMappedPort(25), "joe@here.test", "Subject: later\n\nbody\n", "ann@there.test");
        // As an upgrade does: another container on the old volume.
        here.getDockerClient()
                .stopContainerCmd(here.getContainerId())
                .withTimeout(20)
                .exec();
        assertThat(here.getLogs()).contains("event=stopped");
        here.stop();
        here = container("here", "joe");
        here.start();
        there = container("there", "ann");
        there.start();
        assertThat(fetch(here, "joe@here.test")).hasSize(1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(fetch(there, "ann@there.test")).hasSize(2));
    }

    @Test
    void isHealthyAndSmallAndRunsAsNobodySpecial() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(here.execInContainer("/opt/mailserv/bin/healthcheck")
                                .getExitCode())
                        .isZero());
        String status = here.execInContainer("cat", "/proc/1/status").getStdout();
        assertThat(status).containsPattern("Uid:\\s+10001\\s+10001");
        // What the compilers used at the start goes back within half a minute.
        await().atMost(PATIENCE).untilAsserted(() -> {
            String now = here.execInContainer("cat", "/proc/1/status").getStdout();
            long resident = Long.parseLong(now.replaceAll("(?s).*VmRSS:\\s+(\\d+) kB.*", "$1"));
            assertThat(resident).as("KiB resident").isLessThan(120 * 1024);
        });
        long millis = Long.parseLong(here.getLogs().replaceAll("(?s).*event=ready.* millis=(\\d+).*", "$1"));
        assertThat(millis).as("to the first banner").isLessThan(3000);
    }

    private GenericContainer<?> withoutFile(Map<String, String> environment) {
        return new GenericContainer<>(DockerImageName.parse(IMAGE))
                .withImagePullPolicy(image -> false)
                .withNetwork(network)
                .withNetworkAliases("bare")
                .withEnv(environment)
                .withCreateContainerCmdModifier(command -> command.getHostConfig()
                        .withReadonlyRootfs(true)
                        .withTmpFs(Map.of("/tmp", "", "/var/lib/mailserv", "uid=10001,gid=10001,mode=700")))
                .withExposedPorts(25, 995)
                .waitingFor(Wait.forLogMessage(".*event=ready.*\\n", 1))
                .withStartupTimeout(PATIENCE);
    }

    @Test
    @DisplayName("U1: three environment variables and no file are a working server, which other containers can watch")
    void threeVariablesAreAServer() throws Exception {
        try (GenericContainer<?> bare = withoutFile(Map.of(
                "MAILSERV_HOSTNAME", "mx.bare.test",
                "MAILSERV_ACCOUNT", "joe@bare.test",
                "MAILSERV_PASSWORD", "opensesame",
                "MAILSERV_POP3_PLAINTEXT_NETWORKS", "0.0.0.0/0",
                "MAILSERV_HTTP_PORT", "8026"))) {
            bare.addExposedPort(110);
            bare.start();
            MailClient.send(bare.getMappedPort(25), "a@far.test", "Subject: x\n\nx\n", "postmaster@bare.test");
            assertThat(MailClient.fetch(bare.getMappedPort(110), "joe@bare.test", "opensesame"))
                    .hasSize(1);
            assertThat(bare.execInContainer("/opt/mailserv/bin/healthcheck").getExitCode())
                    .isZero();
            String metrics = here.execInContainer(
                            "bash",
                            "-c",
                            "exec 3<>/dev/tcp/bare/8026; printf 'GET /metrics HTTP/1.1\\r\\nHost: bare:8026\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3")
                    .getStdout();
            assertThat(metrics).startsWith("HTTP/1.1 200").contains("mailserv_");
            assertThat(bare.execInContainer("mailserv", "-c", "/tmp/new.conf", "init")
                            .getStderr())
                    .contains("--hostname");
        }
    }
}
