package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.testing.ForeignPrograms;

/** Every user of the host sends with sendmail and looks with mailq, although only the server may enter the data folder. */
@Timeout(180)
class SharedPickupIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String USER = "1";
    private static final String CONFIG = """
            hostname = "mx.example.test"
            user = nobody
            data-dir = "%1$s/data"
            domains { "example.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
            listeners = [ { kind = smtp, address = "127.0.0.1", port = 0 } ]
            relay.routes { "*" { host = "127.0.0.1", port = 9 } }
            pickup { folder = "%1$s/drop", shared = true, settle = 50ms }
            """;

    @TempDir
    Path folder;

    private ServerProcess server;
    private Path drop;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                Files.isDirectory(Path.of("/proc/self/task")) && "root".equals(System.getProperty("user.name")),
                "needs root");
        ForeignPrograms.assumeAble("setpriv", "clear-groups", "setpriv", "--help");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        drop = Files.createDirectory(folder.resolve("drop"));
        Files.setAttribute(drop, "unix:uid", 65_534);
        Files.setAttribute(drop, "unix:gid", 65_534);
        server = ServerProcess.start(folder, CONFIG.formatted(folder));
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    /** Runs a command of the jar as a user without rights, who lets nobody else read new files. */
    private ServerProcess.Result asUser(String input, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "sh", "-c"));
        command.add("umask 077; exec \"$@\"");
        command.add("sh");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-jar", System.getProperty("mailserv.jar"), "-c", folder + "/mailserv.conf"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(UTF_8));
        }
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new ServerProcess.Result(process.exitValue(), text);
    }

    private static ConditionFactory soon() {
        // The folder may not exist yet, and files are renamed while they are listed.
        return await().atMost(PATIENCE)
                .ignoreExceptionsMatching(e -> e instanceof IOException || e instanceof UncheckedIOException);
    }

    private String mailOfAnn() throws Exception {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder.resolve("data/domains"))) {
            for (Path file :
                    files.filter(each -> each.getParent().endsWith("new")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    @Test
    @DisplayName("a user without rights sends to other domains and to mailboxes, and lists the queue")
    void sendsAndLists() throws Exception {
        ServerProcess.Result abroad = asUser("Subject: abroad\n\nx\n", "sendmail", "bob@foreign.test");
        assertThat(abroad.code()).as(abroad.output()).isZero();
        assertThat(asUser("Subject: here\n\nx\n", "sendmail", "ann").code()).isZero();
        soon().untilAsserted(() -> assertThat(mailOfAnn())
                .contains("Subject: here")
                .contains("(mailserv, from userid " + USER + ") with local id"));
        await().atMost(PATIENCE).untilAsserted(() -> {
            ServerProcess.Result queue = asUser("", "sendmail", "-bp");
            assertThat(queue.code()).as(queue.output()).isZero();
            assertThat(queue.output()).contains("<bob@foreign.test> pending").contains("1 message");
        });
    }

    @Test
    @DisplayName("a user of the host may neither see nor change anything else")
    void nothingElse() throws Exception {
        assertThat((int) Files.getAttribute(drop, "unix:mode") & 07777).isEqualTo(03733);
        assertThat(asUser("", "queue", "remove", "--all").code()).isNotZero();
        ControlClient queue = ControlClient.ofQueue(drop);
        assertThat(queue.ask(Calls.QUEUE, org.mailserv.app.api.QueueQuery.all(0)))
                .isEmpty();
        assertThatThrownBy(() -> queue.ask(Calls.SESSIONS, Nothing.NOTHING)).isInstanceOf(ApiException.class);
    }

    @Test
    @DisplayName("test-delivery sends to other domains although the listener relays for nobody")
    void testDelivery() throws Exception {
        ServerProcess.Result result = ServerProcess.run(
                folder, "", "-c", folder + "/mailserv.conf", "test-delivery", "--wait", "20", "bob@foreign.test");
        assertThat(result.output()).contains("taken by this server: queued as").contains("put off");
    }

    @Test
    @DisplayName(
            "a backup that the server may not write names the server's user; a failed restore leaves the data folder to that user")
    void backup() throws Exception {
        Path target = Files.createDirectory(
                        folder.resolve("closed"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))
                .resolve("copy");
        ServerProcess.Result refused =
                ServerProcess.run(folder, "", "-c", folder + "/mailserv.conf", "backup", target.toString());
        assertThat(refused.code()).isNotZero();
        assertThat(refused.output()).contains(target + ": permission denied to nobody", "install -d -m 700 -o nobody");

        String fresh = CONFIG.formatted(folder).replace("/data", "/new");
        Files.writeString(folder.resolve("new.conf"), fresh);
        assertThat(ServerProcess.run(folder, "", "-c", "new.conf", "restore", "missing")
                        .code())
                .isNotZero();
        assertThat(Files.getAttribute(folder.resolve("new"), "unix:uid")).isEqualTo(65_534);
    }

    @Test
    @DisplayName("without the server mailq says so, and mail waits for its start")
    void serverDown() throws Exception {
        server.terminate();
        server.awaitExit();
        ServerProcess.Result queue = asUser("", "sendmail", "-bp");
        assertThat(queue.code()).isEqualTo(69);
        assertThat(queue.output()).contains("the server does not run").doesNotContain("Exception");
        assertThat(asUser("Subject: later\n\nx\n", "sendmail", "ann").code()).isZero();
        server = ServerProcess.start(folder, CONFIG.formatted(folder));
        soon().untilAsserted(() -> assertThat(mailOfAnn()).contains("Subject: later"));
    }

    @Test
    @DisplayName(
            "folders and sockets that a user has put in the place of the server's are moved away, and no file of the server gets out")
    void entriesOfOthers() throws Exception {
        server.terminate();
        server.awaitExit();
        Path secret = Files.writeString(folder.resolve("data/secret"), "Subject: x\nTo: ann\n\nthe server's secret\n");
        Files.setAttribute(secret, "unix:uid", 65_534);
        for (String name : List.of("claimed", "refused", ControlClient.QUEUE_SOCKET)) {
            Path entry = drop.resolve(name);
            if (Files.exists(entry)) {
                Files.move(entry, folder.resolve("old-" + name));
            }
            foreign(Files.createDirectory(entry));
            foreign(Files.createSymbolicLink(entry.resolve("link"), secret));
        }
        foreign(Files.createSymbolicLink(drop.resolve("mail"), secret));

        server = ServerProcess.start(folder, CONFIG.formatted(folder));

        assertThat(asUser("Subject: here\n\nx\n", "sendmail", "ann").code()).isZero();
        soon().untilAsserted(() -> assertThat(mailOfAnn()).contains("Subject: here"));
        assertThat(mailOfAnn()).doesNotContain("secret");
        assertThat(asUser("", "sendmail", "-bp").code()).isZero();
        for (String name : List.of("claimed", "refused")) {
            assertThat(Files.getAttribute(drop.resolve(name), "unix:uid")).isEqualTo(65_534);
            assertThat((int) Files.getAttribute(drop.resolve(name), "unix:mode") & 0777)
                    .isEqualTo(0700);
        }
        assertThat(server.output()).contains("event=pickup-entry-moved entry=" + drop.resolve("claimed"));
    }

    private static void foreign(Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", Integer.parseInt(USER), LinkOption.NOFOLLOW_LINKS);
    }
}
