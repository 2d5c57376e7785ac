package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/**
 * Mixed traffic for {@code -Dsoak.minutes} (10): mail in, to two mailboxes, out through the relay, refused, broken off, fetched and deleted. What it
 * holds has to stay as it is: heap behind a collection, memory, threads, file handles.
 */
@Tag("soak")
class SoakIT {
    private static final Duration LENGTH = Duration.ofMinutes(Long.getLong("soak.minutes", 10));
    private static final int CLIENTS = 4;

    @TempDir
    Path folder;

    private record Sample(long heap, long resident, long threads, long handles, double millis) {}

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger fetched = new AtomicInteger();
    private final AtomicReference<Throwable> trouble = new AtomicReference<>();

    @Test
    @DisplayName("U10, U11: under mixed traffic nothing grows, and what came in comes out")
    void nothingGrows() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
        try (ScriptedDnsServer dns = new ScriptedDnsServer()
                        .mx("dest.test", 10, "mx.dest.test")
                        .host("mx.dest.test", "127.0.0.2");
                ServerProcess destination = ServerProcess.start(
                        Files.createDirectories(folder.resolve("destination")), """
                        hostname = "mx.dest.test"
                        data-dir = "data"
                        domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                        listeners = [ { kind = smtp, address = "127.0.0.2", port = %d },
                          { kind = pop3, address = "127.0.0.1", port = 0 } ]
                        pop3.plaintext-networks = ["127.0.0.0/8"]
                        """.formatted(port));
                ServerProcess server = ServerProcess.start(
                        Files.createDirectories(folder.resolve("server")),
                        ServerProcess.CONFIG + """
                        relay-networks = ["127.0.0.0/8"]
                        dns { servers = ["%s"], hosts-file = false }
                        relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                        """.formatted(dns.address(), port))) {
            Instant end = Instant.now().plus(LENGTH);
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(new Thread(() -> drive(server, destination, number, end)));
            }
            clients.forEach(Thread::start);
            List<Sample> samples = new ArrayList<>();
            while (Instant.now().isBefore(end)) {
                clients.get(0).join(Math.max(1, Math.min(LENGTH.toMillis() / 20, 30_000)));
                samples.add(sample(server.process().pid(), server));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(trouble.get()).isNull();
            assertThat(sent.get()).isGreaterThan(100);
            judge(samples);
            assertThat(server.output()).doesNotContain("LEAK").doesNotContain("OutOfMemory");
            System.out.printf("soak: %d sent, %d fetched in %s%n", sent.get(), fetched.get(), LENGTH);
            for (Sample sample : samples) {
                System.out.println(sample);
            }
        }
    }

    private void drive(ServerProcess server, ServerProcess destination, int number, Instant end) {
        String mine = number % 2 == 0 ? "doug@the-richardsons.org" : "kim@sample.org";
        String text = "Subject: soak\n\n" + "0123456789\n".repeat(200 * (1 + number));
        try {
            for (int i = 0; Instant.now().isBefore(end) && trouble.get() == null; i++) {
                MailClient.send(server.smtpPort(), "kim@sample.org", text, mine, "rebecca@the-richardsons.org");
                sent.addAndGet(2);
                if (i % 3 == 0) {
                    MailClient.send(server.smtpPort(), "", text, "ann@dest.test");
                }
                if (i % 5 == 0) {
                    breakOff(server);
                }
                if (i % 20 == 0 && number < 2) {
                    fetched.addAndGet(
                            MailClient.fetch(server.pop3Port(), mine, "secret").size());
                    Path domains = folder.resolve("server/data/domains");
                    empty(domains.resolve(number == 0 ? "the-richardsons.org/doug" : "sample.org/kim"));
                    if (number == 0) {
                        empty(domains.resolve("the-richardsons.org/rebecca"));
                        empty(folder.resolve("destination/data/domains"));
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            trouble.compareAndSet(null, e);
        }
    }

    /** In the middle of a message. */
    private static void breakOff(ServerProcess server) throws IOException {
        try (var socket = new Socket("127.0.0.1", server.smtpPort())) {
            socket.getOutputStream()
                    .write("EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<kim@sample.org>\r\nDATA\r\nSubject: x\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('2');
        }
    }

    /** As a mail reader beside us would: the disk of a test is small. */
    private static void empty(Path domains) throws IOException {
        if (!Files.isDirectory(domains)) {
            return;
        }
        try (Stream<Path> files = Files.walk(domains)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            // The other client does the same.
            assertThat(e).hasCauseInstanceOf(NoSuchFileException.class);
        }
    }

    private static Sample sample(long pid, ServerProcess server) throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Tools.run(jcmd, Long.toString(pid), "GC.run");
        Matcher used = Pattern.compile("(?:total [0-9]+K, )?used ([0-9]+)K")
                .matcher(Tools.run(jcmd, Long.toString(pid), "GC.heap_info"));
        long heap = 0;
        while (used.find()) {
            heap += Long.parseLong(used.group(1));
        }
        Matcher status = Pattern.compile("VmRSS:\\s+([0-9]+) kB(?s:.*)Threads:\\s+([0-9]+)")
                .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        assertThat(status.find()).isTrue();
        long handles;
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            handles = files.count();
        }
        long begin = System.nanoTime();
        MailClient.send(server.smtpPort(), "a@b.test", "Subject: latency\n\nx\n", "kim@sample.org");
        return new Sample(
                heap,
                Long.parseLong(status.group(1)),
                Long.parseLong(status.group(2)),
                handles,
                (System.nanoTime() - begin) / 1e6);
    }

    /** The last third against the one before it: the first warms up. */
    private static void judge(List<Sample> samples) {
        int third = samples.size() / 3;
        assertThat(third).isPositive();
        List<Sample> before = samples.subList(third, 2 * third);
        List<Sample> after = samples.subList(2 * third, samples.size());
        assertThat(median(after, Sample::heap)).as("heap, KiB").isLessThan(median(before, Sample::heap) * 1.25 + 4096);
        assertThat(median(after, Sample::resident))
                .as("resident, KiB")
                .isLessThan(median(before, Sample::resident) * 1.15);
        // Threads that sync mailbox files, eight at most, come and go.
        assertThat(median(after, Sample::threads))
                .as("threads")
                .isLessThanOrEqualTo(median(before, Sample::threads) + 10);
        assertThat(median(after, Sample::handles))
                .as("handles")
                .isLessThanOrEqualTo(median(before, Sample::handles) + 20);
        assertThat(median(after, Sample::millis))
                .as("ms a message")
                .isLessThan(median(before, Sample::millis) * 2 + 50);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        List<Sample> sorted = new ArrayList<>(samples);
        sorted.sort(Comparator.comparingDouble(figure));
        return figure.applyAsDouble(sorted.get(sorted.size() / 2));
    }
}
