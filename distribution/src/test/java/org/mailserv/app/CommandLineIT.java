package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.app.cli.OneLineErrors;

/** The jar at the command line: what people type, and what they get wrong. */
@Timeout(180)
class CommandLineIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "check-config", "user", "user add", "hash-password", "version"})
    @DisplayName("--help is everywhere")
    void help(String command) throws Exception {
        String[] words = (command + " --help").strip().split(" ");
        ServerProcess.Result result = ServerProcess.run(folder, "", words);
        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output()).startsWith("Usage: mailserv");
    }

    @Test
    @DisplayName("several errors of a file are told at once, each with file, line, key and what was expected")
    void badConfiguration() throws Exception {
        Files.writeString(folder.resolve("bad.conf"), """
            hostnam = "x"
            smtp { max-message-size = 3Q }
            listeners = [ { kind = smtp, address = "*", port = 99999 } ]
            domains { "a.test" { mailboxes { x { password = "hunter2" } } } }
            """);
        ServerProcess.Result result = ServerProcess.run(folder, "", "run", "--config", "bad.conf");
        assertThat(result.code()).isEqualTo(OneLineErrors.EX_CONFIG);
        assertThat(result.output().lines())
                .hasSize(4)
                .anyMatch(line -> line.contains("bad.conf:1: hostnam: unknown key (did you mean hostname?)"))
                .anyMatch(line -> line.contains("bad.conf:2: smtp.max-message-size: 3Q (expected: "))
                .anyMatch(line -> line.contains("bad.conf:3: listeners[0].port: 99999 (expected: "))
                .anyMatch(line -> line.contains("bad.conf:4: ") && line.contains(".password: "));
        assertThat(result.output()).doesNotContain("hunter2");
    }

    @Test
    @DisplayName("a file that is not there, one that is no HOCON, a folder that cannot be written: one line, no trace")
    void unusable() throws Exception {
        oneLine("no.conf: no such file", "run", "-c", "no.conf");
        Files.writeString(folder.resolve("broken.conf"), "hostname = {\n");
        oneLine("broken.conf: 2", "check-config", "-c", "broken.conf");
        Files.writeString(folder.resolve("file"), "");
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG + "data-dir = \"file/data\"\n");
        oneLine("file/data", "run");
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG + """
                        data-dir = data
                        store { kind = cassandra, cassandra { contact-points = ["127.0.0.1:9"], start-timeout = 1s } }
                        """);
        oneLine("store.kind = cassandra: ", "spool", "list");
        ServerProcess.Outputs run = ServerProcess.runApart(folder, Map.of(), "run");
        assertThat(run.code()).isNotZero();
        assertThat(run.errors().strip().lines()).as(run.errors()).hasSize(1);
        assertThat(run.errors()).contains("store.kind = cassandra: No Cassandra node answers at 127.0.0.1:9");
    }

    private void oneLine(String expected, String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, "", arguments);
        assertThat(result.code()).as(result.output()).isNotZero();
        assertThat(result.output().strip().lines()).as(result.output()).hasSize(1);
        assertThat(result.output()).contains(expected);
    }

    @Test
    @DisplayName("an address without a domain is refused where the server would send or register with it")
    void addresses() throws Exception {
        for (String setting : new String[] {"tls.acme.email = ann", "reports.sender = ann"}) {
            Files.writeString(folder.resolve("bad.conf"), ServerProcess.CONFIG + setting + "\n");
            oneLine("ann (expected: an address such as", "-c", "bad.conf", "check-config");
        }
    }

    @Test
    @DisplayName("a port that is taken: one line that names it")
    void portTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String config = ServerProcess.CONFIG + "listeners = [ { kind = smtp, address = \"127.0.0.1\", port = "
                    + taken.getLocalPort() + " } ]\n";
            Files.writeString(folder.resolve("mailserv.conf"), config);
            ServerProcess.Result result = ServerProcess.run(folder, "");
            assertThat(result.code()).isEqualTo(OneLineErrors.EX_UNAVAILABLE);
            assertThat(result.output())
                    .contains(taken.getLocalPort() + ": address already in use")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    @DisplayName("user add, list, passwd and remove change the users file, and a running server follows")
    void users() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder)) {
            assertThat(ServerProcess.run(folder, "first\n", "user", "add", "New@Sample.org", "--password-stdin"))
                    .isEqualTo(new ServerProcess.Result(0, "Added new@sample.org\n"));
            assertThat(ServerProcess.run(folder, "x\n", "user", "add", "new@sample.org", "--password-stdin")
                            .code())
                    .isNotZero();
            assertThat(ServerProcess.run(folder, "", "user", "list").output())
                    .contains("new@sample.org")
                    .contains("kim@sample.org");
            org.awaitility.Awaitility.await().until(() -> login(server, "first").startsWith("+OK"));
            ServerProcess.run(folder, "second\n", "user", "passwd", "new@sample.org", "--password-stdin");
            org.awaitility.Awaitility.await()
                    .until(() -> login(server, "second").startsWith("+OK"));
            ServerProcess.run(folder, "", "user", "remove", "new@sample.org");
            org.awaitility.Awaitility.await()
                    .until(() -> login(server, "second").startsWith("-ERR"));
        }
    }

    @Test
    @DisplayName("W3: sessions shows who is there; reload takes a good configuration and refuses a bad one; stop stops")
    void adminSocket() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder);
                Socket socket = new Socket("127.0.0.1", server.smtpPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo('2');
            assertThat(ServerProcess.run(folder, "", "sessions").output())
                    .contains(" smtp peer=127.0.0.1 state=")
                    .containsPattern(" in=0 out=[1-9][0-9]* command=");
            Files.writeString(
                    folder.resolve("mailserv.conf"), ServerProcess.CONFIG + "smtp.max-message-size = 54321\n");
            assertThat(ServerProcess.run(folder, "", "reload")).isEqualTo(new ServerProcess.Result(0, "reloaded\n"));
            try (Socket second = new Socket("127.0.0.1", server.smtpPort())) {
                BufferedReader in = new BufferedReader(new InputStreamReader(second.getInputStream(), UTF_8));
                assertThat(in.readLine()).startsWith("220 ");
                second.getOutputStream().write("EHLO client.test\r\n".getBytes(UTF_8));
                assertThat(in.lines().takeWhile(line -> line.startsWith("250-")))
                        .contains("250-SIZE 54321");
            }
            Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG + "smtp.hop-limit = many\n");
            if (ignoresHangups()) {
                // The command reads the configuration too, and does not reach the server with a bad one.
                assertThat(ServerProcess.run(folder, "", "reload").code()).isNotZero();
            } else {
                Tools.run("kill", "-HUP", String.valueOf(server.process().pid()));
                org.awaitility.Awaitility.await().until(() -> server.says("event=reload-failed"));
            }
            Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG);
            assertThat(ServerProcess.run(folder, "", "stop").code()).isZero();
            assertThat(server.awaitExit()).isZero();
            assertThat(ServerProcess.run(folder, "", "sessions").output()).contains("no server answers at ");
        }
    }

    private static String login(ServerProcess server, String password) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.pop3Port())) {
            var in = new java.io.BufferedReader(new java.io.InputStreamReader(socket.getInputStream()));
            in.readLine();
            socket.getOutputStream().write("USER new@sample.org\r\n".getBytes());
            in.readLine();
            socket.getOutputStream().write(("PASS " + password + "\r\n").getBytes());
            return String.valueOf(in.readLine());
        }
    }

    /** Under nohup a Java process never sees the signal, and neither do its children. */
    private static boolean ignoresHangups() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.isReadable(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(8).strip(), 16) & 1) != 0);
    }
}
