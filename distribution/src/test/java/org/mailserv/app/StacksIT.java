package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.testing.ForeignPrograms;

/** The stacks of {@code packaging/stacks}: their configuration files, run by the real programs on loopback beside the jar. */
@Tag("peers")
@Timeout(180)
class StacksIT {
    private static final String DOUG = "doug@the-richardsons.org";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String CONFIG = """
            hostname = "mx.test"
            data-dir = "data"
            user = "nobody"
            listeners = [ { kind = smtp, address = "127.0.0.1", port = 0 } ]
            """;

    @TempDir
    Path folder;

    private final List<AutoCloseable> running = new ArrayList<>();
    private Path data;
    private ServerProcess server;

    @BeforeEach
    void makeFolders() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("users"), DOUG + ":{PLAIN}secret\n");
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).close();
        }
    }

    private ServerProcess serve(String config) throws Exception {
        Tools.run("chown", "-R", "nobody:nogroup", data.toString());
        server = ServerProcess.start(folder, config);
        running.add(server);
        return server;
    }

    private static void assumeDovecot() throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "Dovecot is started by root");
        ForeignPrograms.assumeAble("Dovecot 2.3", "^2\\.3\\.", "dovecot", "--version");
        ForeignPrograms.assumeAble("Dovecot with IMAP", "imap", "ls", "/usr/lib/dovecot/imap");
        ForeignPrograms.assumeAble("curl with imaps", "(?m)^Protocols:.* imaps( |$)", "curl", "-V");
    }

    /** Starts Dovecot with a stack's configuration; more lines follow it. Returns the port of IMAP with TLS. */
    private int dovecot(String name, List<Map.Entry<String, String>> replacements, String more) throws Exception {
        int port = StackProgram.freePort();
        List<Map.Entry<String, String>> all = new ArrayList<>(List.of(
                Map.entry("/var/lib/mailserv", data.toString()),
                Map.entry("uid=mailserv gid=mailserv", "uid=nobody gid=nogroup"),
                Map.entry("user = mailserv", "user = nobody"),
                Map.entry("/run/dovecot", folder.resolve("run").toString())));
        all.addAll(replacements);
        Path config = StackProgram.configuration(name, folder, all);
        Files.writeString(config, Files.readString(config) + """

                service imap-login {
                  inet_listener imap {
                    port = 0
                  }
                  inet_listener imaps {
                    address = 127.0.0.1
                    port = %d
                  }
                }
                """.formatted(port) + more);
        running.add(StackProgram.start(folder, port, List.of("dovecot", "-F", "-c", config.toString())));
        return port;
    }

    private static String imap(int port, String mailbox, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("-k", "-u", DOUG + ":secret"));
        command.addAll(List.of(options));
        command.add("imaps://127.0.0.1:" + port + "/" + mailbox);
        return Tools.curl("imaps", command.toArray(String[]::new));
    }

    @Test
    @DisplayName(
            "imap: Dovecot serves what mailserv delivered, to the users of mailserv, and what it moves is seen by POP3")
    void imap() throws Exception {
        assumeDovecot();
        serve(CONFIG + """
                domains { "the-richardsons.org" {} }
                """);
        int imap = dovecot("imap/dovecot.conf", List.of(), "");
        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: hello\n\nby IMAP\n", DOUG);

        await().atMost(PATIENCE)
                .until(() ->
                        imap(imap, "INBOX", "-X", "STATUS INBOX (MESSAGES)").contains("MESSAGES 1"));
        assertThat(imap(imap, "INBOX;MAILINDEX=1")).contains("Subject: hello").contains("by IMAP");
        assertThat(imap(imap, "", "-X", "LIST \"\" *")).contains("\\Junk").contains("\\Sent");
        assertThat(Tools.attempt(List.of(
                                "curl",
                                "-q",
                                "-sS",
                                "-k",
                                "-u",
                                DOUG + ":wrong",
                                "imaps://127.0.0.1:" + imap + "/INBOX"))
                        .code())
                .isNotZero();
    }

    @Test
    @DisplayName(
            "lmtp: mail of a routed domain goes to Dovecot by LMTP, unknown names are refused, Sieve files what is marked")
    void lmtp() throws Exception {
        assumeDovecot();
        ForeignPrograms.assumeAble("Dovecot with LMTP", "lmtp", "ls", "/usr/lib/dovecot/lmtp");
        ForeignPrograms.assumeAble("Sieve", "sievec", "ls", "/usr/bin/sievec");
        int lmtp = StackProgram.freePort();
        serve(CONFIG + """
                domains { "the-richardsons.org" { routed = true } }
                relay.routes { "the-richardsons.org" { host = "127.0.0.1", port = %d, protocol = lmtp, tls = off } }
                """.formatted(lmtp));
        Path vmail = Files.createDirectories(folder.resolve("vmail"));
        Tools.run("chown", "nobody:nogroup", vmail.toString());
        Path sieve = StackProgram.configuration("lmtp/default.sieve", folder, List.of());
        int imap = dovecot(
                "lmtp/dovecot.conf",
                List.of(
                        Map.entry("/var/lib/vmail", vmail.toString()),
                        Map.entry("port = 24", "address = 127.0.0.1\n    port = " + lmtp),
                        Map.entry("/etc/dovecot/sieve/default.sieve", sieve.toString())),
                "");

        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: good\n\nmail\n", DOUG);
        MailClient.send(server.smtpPort(), "kim@far.test", "X-Spam-Flag: YES\nSubject: bad\n\nmail\n", DOUG);

        await().atMost(PATIENCE)
                .until(() ->
                        imap(imap, "INBOX", "-X", "STATUS INBOX (MESSAGES)").contains("MESSAGES 1"));
        await().atMost(PATIENCE)
                .until(() -> imap(imap, "Junk", "-X", "STATUS Junk (MESSAGES)").contains("MESSAGES 1"));
        assertThat(imap(imap, "INBOX;MAILINDEX=1")).contains("Subject: good");
        assertThat(dialogue(server.smtpPort(), "EHLO a.test", "MAIL FROM:<>", "RCPT TO:<nobody@the-richardsons.org>"))
                .startsWith("550 5.1.1");
    }

    @Test
    @DisplayName("rspamd: what a user copies into Junk is learned as spam, and what is moved out as good mail")
    void learning() throws Exception {
        assumeDovecot();
        ForeignPrograms.assumeAble("Sieve", "sievec", "ls", "/usr/bin/sievec");
        serve(CONFIG + """
                domains { "the-richardsons.org" {} }
                """);
        Path scripts = Files.createDirectories(folder.resolve("learn"));
        for (String script : List.of("spam.sieve", "ham.sieve")) {
            StackProgram.configuration("rspamd/sieve/" + script, scripts, List.of());
        }
        Path record = Files.createFile(folder.resolve("learned"));
        Path learn = Files.writeString(scripts.resolve("learn"), """
                #!/bin/sh
                { echo "$1"; cat; } >>%s
                """.formatted(record));
        Files.setPosixFilePermissions(learn, PosixFilePermissions.fromString("rwxr-xr-x"));
        Tools.run("chown", "-R", "nobody:nogroup", record.toString(), scripts.toString());
        StackProgram.configuration(
                "rspamd/dovecot-learn.conf", folder, List.of(Map.entry("/etc/dovecot/learn", scripts.toString())));
        int imap = dovecot(
                "imap/dovecot.conf",
                List.of(Map.entry("include_try learn.conf", "include_try dovecot-learn.conf")),
                "");
        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: lottery\n\nyou won\n", DOUG);
        await().atMost(PATIENCE)
                .until(() ->
                        imap(imap, "INBOX", "-X", "STATUS INBOX (MESSAGES)").contains("MESSAGES 1"));

        imap(imap, "INBOX", "-X", "COPY 1 Junk");
        await().atMost(PATIENCE).until(() -> Files.readString(record).contains("learn_spam"));
        assertThat(Files.readString(record)).contains("Subject: lottery");
        imap(imap, "Junk", "-X", "COPY 1 INBOX");
        await().atMost(PATIENCE).until(() -> Files.readString(record).contains("learn_ham"));
    }

    @Test
    @DisplayName("roundcube: a user of mailserv logs in with a browser, and reads what mailserv delivered")
    void roundcube() throws Exception {
        assumeDovecot();
        Path defaults = Path.of("/etc/roundcube/defaults.inc.php");
        assumeTrue(Files.isReadable(defaults), "Roundcube is not installed");
        ForeignPrograms.assumeAble("PHP with SQLite", "(?m)^pdo_sqlite$", "php", "-m");
        serve(CONFIG + """
                domains { "the-richardsons.org" {} }
                """);
        int imap = dovecot("imap/dovecot.conf", List.of(), "");
        MailClient.send(server.smtpPort(), "kim@far.test", "Subject: seen in a browser\n\ntext\n", DOUG);
        StackProgram.configuration(
                "roundcube/config.inc.php",
                folder,
                List.of(
                        Map.entry("dovecot:993", "127.0.0.1:" + imap),
                        Map.entry("/var/lib/roundcube-data", folder.toString())));
        Files.copy(defaults, folder.resolve("defaults.inc.php"));
        int port = StackProgram.freePort();
        running.add(StackProgram.start(
                folder,
                port,
                List.of(
                        "env",
                        "ROUNDCUBE_CONFIG_DIR=" + folder,
                        "DES_KEY=012345678901234567890123",
                        "php",
                        "-S",
                        "127.0.0.1:" + port,
                        "-t",
                        "/var/lib/roundcube/public_html")));

        assertThat(Webmail.inbox(port, DOUG, "secret")).contains("seen in a browser");
    }

    @Test
    @DisplayName("haproxy: mailserv sees the address of the client, and refuses connections without the PROXY header")
    void haproxy() throws Exception {
        ForeignPrograms.assumeAble("HAProxy", "HAProxy version", "haproxy", "-v");
        serve(CONFIG.replace("port = 0 }", "port = 0, proxy-from = [\"127.0.0.0/8\"] }") + """
                domains { "the-richardsons.org" {} }
                """);
        int port = StackProgram.freePort();
        Path config = StackProgram.configuration(
                "haproxy/haproxy.cfg",
                folder,
                List.of(
                        Map.entry("resolvers docker\n  nameserver dns 127.0.0.11:53", ""),
                        Map.entry(" resolvers docker", ""),
                        Map.entry("bind :25\n", "bind 127.0.0.1:" + port + "\n"),
                        Map.entry("mailserv:25 ", "127.0.0.1:" + server.smtpPort() + " "),
                        Map.entry("(?s)listen submission\n.*", "")));
        running.add(StackProgram.start(folder, port, List.of("haproxy", "-db", "-f", config.toString())));

        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.9"), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port), 5000);
            assertThat(dialogue(socket, "EHLO a.test", "MAIL FROM:<a@b.test>", "RCPT TO:<x@elsewhere.test>"))
                    .startsWith("550");
        }
        await().atMost(PATIENCE).until(() -> server.says("event=rcpt-refused"));
        assertThat(server.output()).containsPattern("event=rcpt-refused .*peer=127\\.0\\.0\\.9 ");
    }

    @Test
    @DisplayName(
            "caddy: settings for mail programs and the MTA-STS policy are public, and nothing else of the HTTP listener")
    void caddy() throws Exception {
        ForeignPrograms.assumeAble("Caddy 2", "^v?2\\.", "caddy", "version");
        int http = StackProgram.freePort();
        serve(CONFIG + """
                domains { "the-richardsons.org" {} }
                imap.host = "imap.test"
                http { enabled = true, port = %d }
                """.formatted(http));
        int port = StackProgram.freePort();
        Path config = StackProgram.configuration(
                "caddy/Caddyfile",
                folder,
                List.of(
                        Map.entry("(?m)^(\\w\\S*)\\{\\$DOMAIN\\} ", "http://$1the-richardsons.org:" + port + " "),
                        Map.entry("(?m)^\\{\\$HOSTNAME_OF_MAIL\\}", "http://mx.test:" + port),
                        Map.entry("mailserv:8025", "127.0.0.1:" + http)));
        Files.writeString(config, "{\n\tadmin off\n}\n" + Files.readString(config));
        running.add(StackProgram.start(
                folder,
                port,
                List.of(
                        "env",
                        "XDG_DATA_HOME=" + folder,
                        "XDG_CONFIG_HOME=" + folder,
                        "caddy",
                        "run",
                        "--config",
                        config.toString(),
                        "--adapter",
                        "caddyfile")));

        assertThat(get(port, "autoconfig.the-richardsons.org", "/mail/config-v1.1.xml"))
                .contains("<emailProvider id=\"the-richardsons.org\">")
                .contains("imap.test");
        assertThat(get(port, "mta-sts.the-richardsons.org", "/.well-known/mta-sts.txt"))
                .contains("STSv1");
        assertThat(get(port, "autodiscover.the-richardsons.org", "/autodiscover/autodiscover.xml"))
                .contains("<Type>IMAP</Type>");
        for (String path : List.of("/metrics", "/admin", "/readyz", "/api/state")) {
            assertThat(get(port, "autoconfig.the-richardsons.org", path))
                    .as(path)
                    .isEqualTo("404");
        }
    }

    private static String get(int port, String host, String path) throws Exception {
        String text =
                Tools.curl("http", "-w", "%{http_code}", "-H", "Host: " + host, "http://127.0.0.1:" + port + path);
        return text.endsWith("200") ? text : text.substring(Math.max(0, text.length() - 3));
    }

    @Test
    @DisplayName("monitoring: promtool accepts the scrape configuration, and the alert rules that it names")
    void prometheus() throws Exception {
        ForeignPrograms.assumeAble("promtool", "(?i)promtool", "promtool", "--version");
        Path config = StackProgram.configuration("monitoring/prometheus.yml", folder, List.of());
        Files.copy(Path.of("../packaging/monitoring/alerts.yaml"), folder.resolve("alerts.yaml"));

        assertThat(Tools.run("promtool", "check", "config", config.toString())).contains("SUCCESS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"imap", "lmtp", "rspamd", "roundcube", "haproxy", "caddy", "monitoring", "cluster"})
    @DisplayName("The compose file of each stack is valid, with the variables that its README sets")
    void composeFiles(String stack) throws Exception {
        ForeignPrograms.assumeAble("docker-compose", "(?i)compose", "docker-compose", "version");
        List<String> command = List.of(
                "env",
                "MAILSERV_HOSTNAME=mx.example.org",
                "MAILSERV_ACCOUNT=joe@example.org",
                "MAILSERV_PASSWORD=opensesame",
                "DOMAIN=example.org",
                "DES_KEY=012345678901234567890123",
                "docker-compose",
                "-f",
                Path.of("../packaging/stacks", stack, "compose.yaml")
                        .toAbsolutePath()
                        .normalize()
                        .toString(),
                "config");
        ServerProcess.Result result = Tools.attempt(command);
        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output()).contains("MAILSERV_HOSTNAME: mx.example.org");
    }

    private static String dialogue(int port, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return dialogue(socket, lines);
        }
    }

    /** Sends lines, waits for the reply to each, and returns the last one. */
    private static String dialogue(Socket socket, String... lines) throws IOException {
        socket.setSoTimeout(30_000);
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        String reply = in.readLine();
        for (String line : lines) {
            socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
            do {
                reply = in.readLine();
            } while (reply.matches("\\d{3}-.*"));
        }
        return reply;
    }
}
