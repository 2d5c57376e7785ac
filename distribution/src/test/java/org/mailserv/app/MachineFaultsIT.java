package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.testing.ScriptedDnsServer;

/** The jar on a machine that runs short of handles or memory, whose clock jumps, whose name servers are gone. */
@Tag("crash")
@Timeout(180)
class MachineFaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String STRANGER = "127.0.0.3";
    private static final String KIM = "kim@sample.org";

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectories(folder.resolve("server"));
    }

    private Path mailbox() {
        return home.resolve("data/domains/sample.org/kim");
    }

    private static void report(String what, Object... figures) {
        System.out.println("machine faults: " + what.formatted(figures));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 400})
    @DisplayName(
            "with all file handles in use, who is connected is served, the rest is told to come again, and the log stays short")
    void fileHandles(int handles) throws Exception {
        int strangers = 500;
        try (ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY.withFileHandles(handles), home, ServerProcess.CONFIG);
                MailLoad load = MailLoad.start(2, server.smtpPort(), KIM, 2_000)) {
            await().atMost(PATIENCE).until(() -> load.acknowledged() > 10);
            int lines = notOfMail(server);
            List<Socket> crowd = new ArrayList<>();
            int greeted = 0;
            int turnedAway = 0;
            int waiting = 0;
            try {
                for (int i = 0; i < strangers; i++) {
                    crowd.add(new Socket("127.0.0.1", server.smtpPort()));
                }
                for (Socket each : crowd) {
                    String word = greeting(each);
                    greeted += word.startsWith("220") ? 1 : 0;
                    turnedAway += word.startsWith("421") ? 1 : 0;
                    waiting += word.isEmpty() ? 1 : 0;
                }
                int before = load.acknowledged();
                await().atMost(PATIENCE).until(() -> load.acknowledged() >= before + 100);
            } finally {
                for (Socket each : crowd) {
                    each.close();
                }
            }
            int said = notOfMail(server) - lines;
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> MailClient.send(server.smtpPort(), "a@b.test", "Subject: afterwards\n\nend", KIM));
            load.stop();
            report(
                    "%d handles, %d connections: %d greeted, %d told 421, %d wait, %d lines of log; %s",
                    handles, strangers, greeted, turnedAway, waiting, said, load);
            assertThat(greeted + turnedAway + waiting).isEqualTo(strangers);
            assertThat(turnedAway + waiting).isPositive();
            assertThat(said).isLessThanOrEqualTo(10);
            assertThat(load.cuts()).isZero();
            load.assertNothingRefusedForGood();
            load.assertAllIn(mailbox());
            assertThat(MailClient.fetch(server.pop3Port(), KIM, "secret")).hasSize(load.acknowledged() + 1);
        }
    }

    /** Lines of the log that are not the story of a message. */
    private static int notOfMail(ServerProcess server) {
        return (int) (server.lines() - server.count(" id=") - server.count("event=session"));
    }

    /** Empty when there is none within a moment. */
    private static String greeting(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        byte[] word = new byte[3];
        try {
            int read = socket.getInputStream().readNBytes(word, 0, 3);
            return read < 3 ? "cut" : new String(word, ISO_8859_1);
        } catch (SocketTimeoutException e) {
            return "";
        }
    }

    @Test
    @DisplayName("with a heap of 64 MB a hundred sessions with 200 KB a message are served")
    void tightMemory() throws Exception {
        try (ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY.with("-Xmx64m"), home, ServerProcess.CONFIG);
                MailLoad load = MailLoad.start(100, server.smtpPort(), KIM, 200_000)) {
            await().atMost(PATIENCE).until(() -> load.acknowledged() >= 1_000);
            load.stop();
            report("heap of 64 MB, 100 sessions, 200 KB each: %s; %d MiB resident", load, server.residentMebibytes());
            assertThat(server.process().isAlive()).isTrue();
            assertThat(server.says("OutOfMemory")).isFalse();
            assertThat(load.cuts()).isZero();
            load.assertNothingRefusedForGood();
            load.assertAllIn(mailbox());
        }
    }

    @Test
    @DisplayName(
            "with the heap used up the process ends with code 3 and one line, and nothing that was acknowledged is lost")
    void memoryUsedUp() throws Exception {
        MailLoad load;
        try (ServerProcess server =
                ServerProcess.startOn(ServerProcess.Machine.HEALTHY.with("-Xmx16m"), home, ServerProcess.CONFIG)) {
            load = MailLoad.start(300, server.smtpPort(), KIM, 100_000);
            assertThat(server.awaitExit()).as(server.output()).isEqualTo(3);
            assertThat(server.count("the process ends")).as(server.output()).isEqualTo(1);
        }
        load.stop();
        try (ServerProcess server = ServerProcess.startOn(ServerProcess.Machine.HEALTHY, home, ServerProcess.CONFIG)) {
            load.assertAllIn(mailbox());
            report("heap of 16 MB, 300 sessions, 100 KB each: ended with 3; %s", load);
            assertThat(server.process().isAlive()).isTrue();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            return socket.getLocalPort();
        }
    }

    private ServerProcess startDestination(int port) throws IOException {
        return ServerProcess.start(Files.createDirectories(folder.resolve("destination")), """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                listeners = [
                  { kind = smtp, address = "127.0.0.2", port = %d }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                """.formatted(port));
    }

    private static void awaitMail(ServerProcess destination, int count, Duration patience) {
        await().atMost(patience)
                .untilAsserted(() -> assertThat(MailClient.fetch(destination.pop3Port(), "ann@dest.test", "secret"))
                        .hasSize(count));
    }

    private static Path fakeTime() throws IOException {
        try (Stream<Path> found =
                Files.find(Path.of("/usr/lib"), 4, (path, about) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            Path library = found.findFirst().orElse(null);
            assumeTrue(library != null, "libfaketime is not installed");
            return library;
        }
    }

    @Test
    @DisplayName("when the clock jumps an hour forth and back, sessions go on, and mail comes when it can")
    void clock() throws Exception {
        Path library = fakeTime();
        Path offset = Files.writeString(folder.resolve("offset"), "+0");
        int port = freePort();
        Map<String, String> environment = Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", offset.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1");
        try (ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY.with(environment),
                        home,
                        ServerProcess.CONFIG + """
                        relay-networks = ["127.0.0.0/8"]
                        relay { retry.schedule = [1s], routes { "*" { host = "127.0.0.2", port = %d } } }
                        """.formatted(port));
                MailLoad load = MailLoad.start(2, server.smtpPort(), KIM, 2_000)) {
            int relayed = 0;
            for (String jump : List.of("+3600", "+0", "-3600", "+3600", "+0", "-3600", "+0")) {
                MailClient.send(server.smtpPort(), KIM, "Subject: relayed\n\nend", "ann@dest.test");
                relayed++;
                long tries = server.count("event=connect-failed");
                await().atMost(PATIENCE).until(() -> server.count("event=connect-failed") > tries);
                Path next = Files.writeString(folder.resolve("next"), jump);
                Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE);
                int before = load.acknowledged();
                await().atMost(PATIENCE).until(() -> load.acknowledged() >= before + 50);
            }
            load.stop();
            Duration quiet = Duration.ofSeconds(3);
            Duration used = processorTimeOf(server, quiet);
            long up;
            try (ServerProcess destination = startDestination(port)) {
                up = System.nanoTime();
                awaitMail(destination, relayed, Duration.ofSeconds(20));
            }
            report(
                    "7 jumps of the clock: %s; %d relayed messages %d ms behind their destination's start; %d ms of the processor in %d s of quiet",
                    load, relayed, (System.nanoTime() - up) / 1_000_000, used.toMillis(), quiet.toSeconds());
            assertThat(load.cuts()).isZero();
            assertThat(load.replies()).isEmpty();
            assertThat(load.longestMillis()).isLessThan(5_000);
            load.assertAllIn(mailbox());
            assertThat(used).isLessThan(quiet.dividedBy(2));
        }
    }

    private static Duration processorTimeOf(ServerProcess server, Duration length) {
        Duration before = server.processorTime();
        long end = System.nanoTime() + length.toNanos();
        await().atMost(length.multipliedBy(2)).until(() -> System.nanoTime() - end > 0);
        return server.processorTime().minus(before);
    }

    @Test
    @DisplayName(
            "without name servers local mail goes on, mail that cannot be checked is deferred, and relayed mail waits until they are back")
    void nameServersGone() throws Exception {
        int port = freePort();
        ScriptedDnsServer dns = zone(new ScriptedDnsServer());
        int dnsPort = Integer.parseInt(dns.address().replaceAll(".*:", ""));
        try (ServerProcess destination = startDestination(port);
                ServerProcess server =
                        ServerProcess.start(home, ServerProcess.CONFIG + """
                        relay-networks = ["127.0.0.1"]
                        checks { exempt-networks = [], spf = reject, dmarc = apply }
                        dns { servers = ["%s"], hosts-file = false, timeout = 500ms, rounds = 2 }
                        relay { port = %d, allow-loopback = true, retry.schedule = [500ms] }
                        """.formatted(dns.address(), port))) {
            for (String name : List.of("dest.test", "mx.dest.test", "stranger.test", "3.0.0.127.in-addr.arpa")) {
                dns.trouble(name, ScriptedDnsServer.Trouble.SILENCE);
            }
            long silent = exchange(server, 1);
            dns.close();
            long closed = exchange(server, 2);
            long back;
            try (ScriptedDnsServer again = zone(new ScriptedDnsServer(dnsPort))) {
                back = System.nanoTime();
                awaitMail(destination, 2, Duration.ofSeconds(30));
                assertThat(again.questions("dest.test", ScriptedDnsServer.MX)).isPositive();
                // Only now is it known that the stranger may not send in that name.
                assertThatThrownBy(() -> MailClient.sendFrom(
                                STRANGER,
                                server.smtpPort(),
                                "joe@stranger.test",
                                "From: joe@stranger.test\n\nend",
                                KIM))
                        .hasMessageContaining("550 5.7.23");
            }
            report(
                    "no name servers: a stranger's message deferred after %d ms where they are silent, %d ms where they are closed; 2 relayed messages %d ms behind their return",
                    silent, closed, (System.nanoTime() - back) / 1_000_000);
            assertThat(silent).isLessThan(15_000);
            assertThat(closed).isLessThan(15_000);
        } finally {
            dns.close();
        }
    }

    private static ScriptedDnsServer zone(ScriptedDnsServer dns) {
        return dns.mx("dest.test", 10, "mx.dest.test")
                .host("mx.dest.test", "127.0.0.2")
                .txt("stranger.test", "v=spf1 -all");
    }

    /** Sends a message of each kind while there are no name servers. Returns the milliseconds until the reply to an unknown sender's. */
    private long exchange(ServerProcess server, int round) throws Exception {
        MailClient.send(server.smtpPort(), KIM, "Subject: relayed\n\nend", "ann@dest.test");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                ServerProcess.run(home, "", "queue", "list").output())
                        .contains("4.4.3"));
        long start = System.nanoTime();
        MailClient.send(server.smtpPort(), "doug@the-richardsons.org", "Subject: local\n\nend", KIM);
        assertThat(System.nanoTime() - start).as("a message for here").isLessThan(3_000_000_000L);
        start = System.nanoTime();
        // What is not known must not count for a sender whom the operator wants refused.
        assertThatThrownBy(() -> MailClient.sendFrom(
                        STRANGER, server.smtpPort(), "joe@stranger.test", "From: joe@stranger.test\n\nend", KIM))
                .hasMessageContaining("451 4.4.3");
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(MailClient.fetch(server.pop3Port(), KIM, "secret")).hasSize(round);
        return millis;
    }
}
