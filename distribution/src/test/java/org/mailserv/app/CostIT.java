package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/**
 * The cost of each row of the benchmark in counts that no load of the machine changes: octets allocated, and system calls. The bounds are
 * half as much again as the measured figures in docs/performance.md.
 */
@Timeout(300)
class CostIT {
    private static final int TIMES = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KIM = "kim@sample.org";
    private static final String DOUG = "doug@the-richardsons.org";
    private static final Pattern RECORD = Pattern.compile("(?m)^(\\S+)\\. IN TXT \\( (.*) \\)$");
    private static final String LINE = "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    private static final String TEXT =
            "From: " + DOUG + "\r\nTo: " + KIM + "\r\nSubject: cost\r\n\r\n" + LINE.repeat(142);
    private static final String LARGE = "Subject: cost\r\n\r\n" + LINE.repeat(1422);

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess next;
    private ServerProcess server;
    private String signed = "";

    /** Something that a server does many times. */
    private interface Repeated {
        void run(int times) throws Exception;
    }

    /**
     * A row of the benchmark.
     *
     * @param octets the largest number of octets that it may allocate each time
     * @param calls the largest number of system calls that it may take each time
     */
    private record Row(String name, long octets, double calls, Repeated work) {}

    private List<Row> rows() {
        return List.of(
                new Row("10 KiB, kept connection", 38_000, 30, times -> kept(TEXT, times)),
                new Row("10 KiB, a connection each", 48_000, 58, times -> each(times, this::plain)),
                new Row("100 KiB, kept connection", 38_000, 30, times -> kept(LARGE, times)),
                new Row("10 KiB, STARTTLS, a connection each", 77_000, 85, times -> each(times, this::startTls)),
                new Row(
                        "10 KiB, submission by TLS, a connection each",
                        350_000,
                        86,
                        times -> each(times, this::submit)),
                new Row("10 KiB, signed and relayed by TLS", 355_000, 43, this::relayed),
                new Row("10 KiB, SPF, DKIM and DMARC checked", 415_000, 33, this::checked),
                new Row("POP3 login by TLS", 51_000, 61, times -> repeat(times, this::login)),
                new Row("POP3 RETR of 10 KiB", 21_000, 13, this::retrieve));
    }

    @BeforeEach
    void start() throws Exception {
        dns = new ScriptedDnsServer();
        Path there = Files.createDirectories(folder.resolve("next"));
        next = ServerProcess.start(there, """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                listeners = [ { kind = smtp, address = "127.0.0.1", port = 0 } ]
                """);
    }

    @AfterEach
    void stop() throws Exception {
        next.close();
        dns.close();
    }

    private ServerProcess start(String... jvmOptions) throws Exception {
        String config = ServerProcess.CONFIG + """
                listeners = ${listeners} [
                  { kind = submissions, address = "127.0.0.1", port = 0 }
                  { kind = pop3s, address = "127.0.0.1", port = 0 }
                ]
                dns { servers = ["%s"], timeout = 2s }
                checks.exempt-networks = ["127.0.0.1"]
                relay { allow-loopback = true, routes { "dest.test" { host = "127.0.0.1", port = %d } } }
                """.formatted(dns.address(), next.smtpPort());
        Files.writeString(folder.resolve("mailserv.conf"), config);
        ServerProcess.Result keygen = ServerProcess.run(folder, "", "dkim", "keygen", "the-richardsons.org");
        assertThat(keygen.code()).as(keygen.output()).isZero();
        Matcher record = RECORD.matcher(keygen.output());
        while (record.find()) {
            dns.txt(record.group(1), record.group(2).replaceAll("\" \"|\"", ""));
        }
        dns.txt("the-richardsons.org", "v=spf1 ip4:127.0.0.0/8 -all")
                .txt("_dmarc.the-richardsons.org", "v=DMARC1; p=reject");
        return ServerProcess.startTuned(folder, config, jvmOptions);
    }

    @Test
    @DisplayName("no row of the benchmark allocates more than it used to")
    void allocations() throws Exception {
        try (ServerProcess started = start(ServerCost.COUNTABLE_HEAP)) {
            server = started;
            SoftAssertions softly = new SoftAssertions();
            for (Row row : rows()) {
                row.work().run(TIMES);
                long each = ServerCost.allocations(server, () -> row.work().run(TIMES)) / TIMES;
                System.out.printf("octets allocated, %s: %,d%n", row.name(), each);
                softly.assertThat(each).as(row.name()).isGreaterThan(500).isLessThanOrEqualTo(row.octets());
            }
            softly.assertAll();
        }
    }

    @Test
    @DisplayName("no row of the benchmark takes more system calls than it used to")
    void systemCalls() throws Exception {
        try (ServerProcess started = start("-Xmx256m")) {
            server = started;
            SoftAssertions softly = new SoftAssertions();
            for (Row row : rows()) {
                row.work().run(TIMES);
                Map<String, Integer> calls =
                        ServerCost.systemCalls(server, () -> row.work().run(TIMES));
                double each =
                        calls.values().stream().mapToInt(Integer::intValue).sum() / (double) TIMES;
                System.out.printf("system calls, %s: %.1f %s%n", row.name(), each, new TreeMap<>(calls));
                softly.assertThat(each).as(row.name()).isGreaterThan(1).isLessThanOrEqualTo(row.calls());
                softly.assertThat(calls.getOrDefault("rename", 0))
                        .as("rename at most once, " + row.name())
                        .isLessThan(3 * TIMES / 2);
            }
            softly.assertAll();
        }
    }

    private static void repeat(int times, ServerCost.Work work) throws Exception {
        for (int i = 0; i < times; i++) {
            work.run();
        }
    }

    /** Waits for the mailbox files too, which are written after the reply. */
    private void each(int times, ServerCost.Work work) throws Exception {
        long before = delivered(folder);
        repeat(times, work);
        await().atMost(PATIENCE).until(() -> delivered(folder) - before == times);
    }

    private void kept(String text, int times) throws Exception {
        try (TlsLoad client = new TlsLoad(server.smtpPort(), false).hello()) {
            each(times, () -> client.message("a@client.test", KIM, text));
            client.say("QUIT", "221");
        }
    }

    private void plain() throws IOException {
        try (TlsLoad client = new TlsLoad(server.smtpPort(), false).hello()) {
            client.message("a@client.test", KIM, TEXT).say("QUIT", "221");
        }
    }

    private void startTls() throws IOException {
        try (TlsLoad client = new TlsLoad(server.smtpPort(), false).hello().startTls()) {
            client.message("a@client.test", KIM, TEXT).say("QUIT", "221");
        }
    }

    private void submit() throws IOException {
        try (TlsLoad client = new TlsLoad(server.port("submissions"), true).hello()) {
            client.login(DOUG).message(DOUG, KIM, TEXT).say("QUIT", "221");
        }
    }

    private void relayed(int times) throws Exception {
        Path there = folder.resolve("next");
        long before = delivered(there);
        try (TlsLoad client = new TlsLoad(server.port("submissions"), true).hello()) {
            client.login(DOUG);
            repeat(times, () -> client.message(DOUG, "ann@dest.test", TEXT));
            client.say("QUIT", "221");
        }
        await().atMost(PATIENCE).until(() -> delivered(there) - before == times);
    }

    private void checked(int times) throws Exception {
        if (signed.isEmpty()) {
            String text = find("DKIM-Signature");
            signed = text.substring(text.indexOf("DKIM-Signature")).replaceAll("\r?\n", "\r\n");
        }
        try (TlsLoad client = TlsLoad.from("127.0.0.2", server.smtpPort()).hello()) {
            each(times, () -> client.message(DOUG, KIM, signed));
            client.say("QUIT", "221");
        }
        assertThat(find("dmarc=")).contains("spf=pass", "dkim=pass", "dmarc=pass");
    }

    private void login() throws IOException {
        try (TlsLoad client = new TlsLoad(server.port("pop3s"), true)) {
            client.reply("+OK");
            client.say("USER " + DOUG, "+OK")
                    .say("PASS secret", "+OK")
                    .say("STAT", "+OK")
                    .say("QUIT", "+OK");
        }
    }

    private void retrieve(int times) throws IOException {
        try (TlsLoad client = new TlsLoad(server.pop3Port(), false)) {
            client.reply("+OK");
            client.say("USER " + KIM, "+OK").say("PASS secret", "+OK");
            for (int i = 1; i <= times; i++) {
                client.multiline("RETR " + i);
            }
            client.say("QUIT", "+OK");
        }
    }

    /** Returns a message in one of the mailboxes that contains a text. */
    private String find(String text) throws IOException {
        try (Stream<Path> files = Files.list(box(folder))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String message = Files.readString(file, ISO_8859_1);
                if (message.contains(text)) {
                    return message;
                }
            }
        }
        throw new AssertionError("no message contains " + text);
    }

    private static Path box(Path place) {
        String name = place.endsWith("next") ? "dest.test/ann" : "sample.org/kim";
        return place.resolve("data/domains").resolve(name).resolve("new");
    }

    private static long delivered(Path place) throws IOException {
        if (!Files.isDirectory(box(place))) {
            return 0;
        }
        try (Stream<Path> files = Files.list(box(place))) {
            return files.count();
        }
    }
}
