package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar under load, killed at random: {@code -Dkills=50 -Dterms=20 -Dseed=N}. Every message that got a 250 is there at the end: here
 * once, at the next server at least once.
 */
@Tag("crash")
@Timeout(1200)
class KillIT {
    /** Above the limit of the journal. */
    private static final String LARGE =
            "0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(10_000).strip();

    private static final int SENDERS = 3;

    @TempDir
    Path folder;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();
    private volatile boolean stop;

    @Test
    void everyAcknowledgedMessageOutlivesEveryKill() throws Exception {
        int kills = Integer.getInteger("kills", 50);
        int terms = Integer.getInteger("terms", 20);
        long seed = Long.getLong("seed", 4711);
        Random random = new Random(seed);
        int in = free("127.0.0.1", new Random());
        int out = free("127.0.0.2", new Random());
        Path home = Files.createDirectories(folder.resolve("server"));
        String config = ServerProcess.CONFIG.replace(
                        "{ kind = smtp, address = \"127.0.0.1\", port = 0 }",
                        "{ kind = smtp, address = \"127.0.0.1\", port = " + in + " }")
                + "relay-networks = [\"127.0.0.0/8\"]\nspool { segment-size = 1M, segment-age = 500ms }\n"
                + "relay { allow-loopback = true, retry.schedule = [300ms], routes { \"*\" { host = \"127.0.0.2\", port = "
                + out
                + " } } }\nlog.level = warn\nnet.max-new-connections = 100000\n";
        List<Long> starts = new ArrayList<>();
        Path there = Files.createDirectories(folder.resolve("destination"));
        try (ServerProcess destination = ServerProcess.start(there, """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                listeners = [ { kind = smtp, address = "127.0.0.2", port = %d } ]
                log.level = info
                """.formatted(out))) {
            List<Thread> senders = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                Thread sender = new Thread(() -> send(in));
                sender.start();
                senders.add(sender);
            }
            for (int round = 0; round < kills + terms; round++) {
                long begun = System.nanoTime();
                ServerProcess server = ServerProcess.launch(home, config);
                await().atMost(Duration.ofSeconds(60)).until(() -> answers(in));
                starts.add((System.nanoTime() - begun) / 1_000_000);
                int enough = acknowledged.size() + 1 + random.nextInt(150);
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> acknowledged.size() >= enough);
                if (round < kills) {
                    server.kill();
                } else {
                    server.terminate();
                    server.awaitExit();
                }
                server.close();
            }
            stop = true;
            for (Thread sender : senders) {
                sender.join();
            }
            try (ServerProcess server = ServerProcess.launch(home, config)) {
                // Asked before, the queue command would open the files itself, and keep the server from them.
                await().atMost(Duration.ofSeconds(60)).until(() -> answers(in));
                await().atMost(Duration.ofSeconds(120))
                        .untilAsserted(() -> assertThat(ServerProcess.run(home, "", "queue", "list")
                                        .output())
                                .doesNotContain("dest.test"));
            }
        }
        report(seed, kills, terms, starts, home, there);
    }

    private void report(long seed, int kills, int terms, List<Long> starts, Path home, Path there) throws IOException {
        Map<String, Integer> local = MailLoad.subjects(home.resolve("data/domains/the-richardsons.org/doug"));
        Map<String, Integer> remote = MailLoad.subjects(there.resolve("data/domains/dest.test/ann"));
        List<String> lost = acknowledged.stream()
                .filter(subject -> !(subject.startsWith("local") ? local : remote).containsKey(subject))
                .toList();
        long twiceHere = local.values().stream().filter(count -> count > 1).count();
        long twiceThere = remote.values().stream().filter(count -> count > 1).count();
        starts.sort(null);
        System.out.println("kills " + kills + ", stops " + terms + ", seed " + seed + ": acknowledged "
                + acknowledged.size()
                + ", lost " + lost.size() + ", twice here " + twiceHere + ", twice at the next server " + twiceThere
                + ", start to banner: median " + starts.get(starts.size() / 2) + " ms, longest "
                + starts.get(starts.size() - 1) + " ms");
        assertThat(lost).isEmpty();
        assertThat(twiceHere).isZero();
        // One connection: what was on it when the server died and had not been taken down is sent again.
        assertThat(twiceThere).isLessThanOrEqualTo(8L * kills);
    }

    private void send(int port) {
        while (!stop) {
            String subject = "";
            try {
                int mine = number.incrementAndGet();
                boolean here = mine % 2 == 0;
                subject = (here ? "local-" : "remote-") + mine;
                MailClient.send(
                        port,
                        "kim@sample.org",
                        "Subject: " + subject + "\n\n" + (mine % 16 < 2 ? LARGE : "x".repeat(60)) + "\nend",
                        here ? "doug@the-richardsons.org" : "ann@dest.test");
                acknowledged.add(subject);
            } catch (IOException | RuntimeException | AssertionError e) {
                // Refused or cut: nobody promised anything.
                await().forever().pollInterval(Duration.ofMillis(5)).until(() -> stop || answers(port));
            }
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.getInputStream().read() == '2';
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * A port that the system gives to no client: one that asks again and again for a port where nobody listens may be given that very
     * port, and would be connected with itself.
     */
    private static int free(String address, Random random) throws IOException {
        while (true) {
            int port = 10_000 + random.nextInt(20_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(address))) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody has it: the next one.
                assertThat(e).hasMessageContaining("in use");
            }
        }
    }
}
