package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;
import org.mailserv.server.testing.ScriptedDnsServer;

@Timeout(180)
class OperatorToolsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ServerProcess server;

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private ServerProcess.Result mailserv(String... arguments) throws Exception {
        return ServerProcess.run(folder, "", arguments);
    }

    private void write(String more) throws IOException {
        Files.writeString(folder.resolve("mailserv.conf"), ServerProcess.CONFIG + more);
    }

    @Test
    @DisplayName("W3: reload --dry-run says what would change and which queued mail would go another way, and changes"
            + " nothing")
    void dryReload() throws Exception {
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
            relay-networks = ["127.0.0.0/8"]
            relay.routes { "far.test" { host = "127.0.0.9", port = 2 } }
            """);
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: x\n\ny\n", "a@far.test", "b@far.test");
        assertThat(mailserv("reload", "--dry-run").output()).isEqualTo("nothing would change\n");
        write("""
            relay-networks = ["127.0.0.0/8"]
            relay.routes { "far.test" { host = "127.0.0.8", port = 26, user = u, password = geheim } }
            smtp.max-recipients = 50
            spool.lanes = 3
            domains."sample.org".mailboxes.kim.password = "{PLAIN}other"
            """);
        ServerProcess.Result result = mailserv("reload", "--dry-run");
        assertThat(result.code()).isZero();
        assertThat(result.output())
                .contains("smtp.max-recipients: 1000 -> 50\n")
                .containsPattern("spool.lanes: [0-9]+ -> 3   \\(only after a restart\\)")
                .contains("domains.\"sample.org\".mailboxes.\"kim\".password: (changed)")
                .contains("queue: mail for far.test would go to 127.0.0.8, port 26, TLS may, with a login, not to"
                        + " 127.0.0.9, port 2, TLS may (2 recipients wait)")
                .doesNotContain("geheim")
                .doesNotContain("{PLAIN}");
        assertThat(mailserv("reload", "--dry-run").output()).isEqualTo(result.output());
        assertThat(server.output()).doesNotContain("event=reloaded");
        write("nonsense {");
        assertThat(mailserv("reload", "--dry-run").code()).isNotZero();
    }

    @Test
    @DisplayName("W3: support-bundle has what a helper needs, and neither secrets nor addresses nor mail")
    void supportBundle() throws Exception {
        server = ServerProcess.start(folder, ServerProcess.CONFIG + """
            log.file = "server.log"
            relay-networks = ["127.0.0.0/8"]
            relay.routes { "*" { host = "127.0.0.9", port = 2, user = u, password = geheim } }
            http.admin-password = "{PLAIN}sehr-geheim"
            """);
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: private\n\ny\n", "anna@far.test");
        ServerProcess.Result result = mailserv("support-bundle", "bundle.zip");
        assertThat(result.code()).as(result.output()).isZero();
        TreeMap<String, String> entries = new TreeMap<>();
        try (InputStream in = Files.newInputStream(folder.resolve("bundle.zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        assertThat(entries).containsKeys("config.txt", "folders.txt", "log.txt", "queue.txt", "system.txt");
        assertThat(entries.get("system.txt")).contains("server runs: true").contains("java.version");
        assertThat(entries.get("config.txt")).contains("max-recipients").contains("(hidden)");
        assertThat(entries.get("queue.txt")).contains("a***@far.test");
        assertThat(String.join("\n", entries.values()))
                .doesNotContain("geheim")
                .doesNotContain("anna@")
                .doesNotContain("kim@sample")
                .doesNotContain("{PLAIN}")
                .doesNotContain("private");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("bundle.zip"))))
                .isEqualTo("rw-------");
    }

    private HttpResponse<String> http(int port, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return HttpClient.newHttpClient()
                .send(
                        (body == null ? request : request.POST(HttpRequest.BodyPublishers.ofString(body))).build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    @DisplayName("W3: mail programs find their settings by autoconfig and autodiscover, and other servers our MTA-STS"
            + " policy")
    void clientSettings() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG.replace(
                                "{ kind = pop3, address",
                                "{ kind = pop3s, address = \"127.0.0.1\", port = 0 }\n"
                                        + "{ kind = submission, address = \"127.0.0.1\", port = 0 }\n"
                                        + "{ kind = pop3, address")
                        + "imap.host = \"imap.sample.org\"\n"
                        + "http { enabled = true, address = \"127.0.0.1\", port = " + port + " }\n");
        String config = http(port, "/mail/config-v1.1.xml?emailaddress=kim@sample.org", null)
                .body();
        assertThat(config)
                .contains("<emailProvider id=\"sample.org\">")
                .contains("<incomingServer type=\"imap\"><hostname>imap.sample.org</hostname><port>993</port>"
                        + "<socketType>SSL</socketType>")
                .contains("<incomingServer type=\"pop3\">")
                .contains("<hostname>mx.test</hostname>")
                .contains("<socketType>SSL</socketType>")
                .contains("<username>%EMAILADDRESS%</username>")
                .contains("<outgoingServer type=\"smtp\">");
        assertThat(config.indexOf("SSL")).isLessThan(config.indexOf("STARTTLS"));
        assertThat(http(port, "/.well-known/autoconfig/mail/config-v1.1.xml", null)
                        .statusCode())
                .isEqualTo(200);
        assertThat(http(
                                port,
                                "/autodiscover/autodiscover.xml",
                                "<Autodiscover><Request><EMailAddress>kim@sample.org</EMailAddress></Request></Autodiscover>")
                        .body())
                .contains("<Type>POP3</Type>")
                .contains("<LoginName>kim@sample.org</LoginName>")
                .contains("<Type>SMTP</Type>");
        assertThat(http(port, "/autodiscover/autodiscover.xml", "<EMailAddress>&lt;x</EMailAddress>")
                        .body())
                .doesNotContain("<x");
        assertThat(http(port, "/.well-known/mta-sts.txt", null).body())
                .as("a self-signed certificate must not be enforced")
                .startsWith("version: STSv1\r\nmode: testing\r\nmx: mx.test\r\n");
        org.awaitility.Awaitility.await().until(() -> server.output().contains("event=mta-sts-not-enforced"));
    }

    @Test
    @DisplayName("U5: check-config finds a port in use, and says on which line stands what is risky")
    void checkConfig() throws Exception {
        try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Files.writeString(folder.resolve("mailserv.conf"), """
                hostname = "localname"
                data-dir = "data"
                domains { "example.org" {} }
                listeners = [ { kind = smtp, address = "*", port = 0 }, { kind = pop3, address = "127.0.0.1", port = %d } ]
                relay-networks = ["0.0.0.0/0"]
                relay.retry.lifetime = 1h
                """.formatted(used.getLocalPort()));
            ServerProcess.Result result = mailserv("check-config");
            assertThat(result.code()).isNotZero();
            assertThat(result.output()).contains("port in use");
        }
        Files.writeString(folder.resolve("twice.conf"), """
            hostname = "mx.example.org"
            data-dir = "data"
            domains { "example.org" {} }
            listeners = [ { kind = smtp, address = "*", port = 2525 } ]
            http { enabled = true, address = "127.0.0.1", port = 2525 }
            """);
        ServerProcess.Result twice = mailserv("-c", "twice.conf", "check-config");
        assertThat(twice.code()).isNotZero();
        assertThat(twice.output()).contains("http: 127.0.0.1:2525: another of listeners has this port");
        ServerProcess.Result result = mailserv("check-config");
        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output())
                .containsPattern("warning: .*mailserv.conf: 1: hostname")
                .containsPattern("warning: .*mailserv.conf: 3: domains.example.org: no DKIM key")
                .containsPattern("warning: .*mailserv.conf: 5: relay-networks")
                .containsPattern("warning: .*mailserv.conf: 6: relay.retry.lifetime");
        assertThat(mailserv("check-config", "--strict").code()).isNotZero();
    }

    @Test
    @DisplayName(
            "U4: addresses can be hidden in the log, which goes to the journal with priorities and to a syslog server")
    void logs() throws Exception {
        try (DatagramSocket syslog = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            syslog.setSoTimeout(60_000);
            server = ServerProcess.start(folder, ServerProcess.CONFIG + """
                log { format = journal, mask-addresses = true, syslog = "127.0.0.1:%d" }
                """.formatted(syslog.getLocalPort()));
            MailClient.send(server.smtpPort(), "anna@b.test", "Subject: x\n\ny\n", "kim@sample.org");
            await().atMost(PATIENCE).until(() -> server.says("event=message-accepted"));
            assertThat(server.output())
                    .containsPattern("(?m)^<6>MailEvents event=message-accepted .*from=<a\\*\\*\\*@b.test>")
                    .containsPattern("to=<k\\*\\*\\*@sample.org>")
                    .doesNotContain("anna@b.test");
            String told = "";
            while (!told.contains("event=message-accepted")) {
                DatagramPacket packet = new DatagramPacket(new byte[8192], 8192);
                syslog.receive(packet);
                told = new String(packet.getData(), 0, packet.getLength(), UTF_8);
            }
            assertThat(told).startsWith("<22>").contains("mailserv: MailEvents").contains("a***@b.test");
        }
    }

    @Test
    @DisplayName("U14: explain --message runs the checks on a stored message and shows the evidence")
    void explainMessage() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer()
                .txt("b.test", "v=spf1 ip4:192.0.2.0/24 -all")
                .txt("_dmarc.b.test", "v=DMARC1; p=reject")) {
            write("dns.servers = [\"" + dns.address() + "\"]\nchecks { spf = reject, dmarc = apply }\n");
            Files.writeString(folder.resolve("message"), """
                Return-Path: <a@b.test>
                Received: from client.test (mx.b.test [192.0.2.7])
                \tby mx.test (mailserv) with ESMTP id x;
                \tSat, 21 Nov 2026 08:40:13 +0000
                From: a@b.test
                Subject: x

                hi
                """);
            ServerProcess.Result good = mailserv("explain", "--message", "message");
            assertThat(good.output())
                    .contains("client    192.0.2.7, HELO client.test, MAIL FROM <a@b.test>")
                    .contains("SPF       b.test: v=spf1 ip4:192.0.2.0/24 -all")
                    .contains("DMARC     _dmarc.b.test: v=DMARC1; p=reject")
                    .contains("spf=pass smtp.mailfrom=b.test")
                    .contains("dmarc=pass")
                    .contains("verdict   taken");
            assertThat(good.code()).isZero();
            ServerProcess.Result bad = mailserv("explain", "--message", "message", "--client", "198.51.100.1");
            assertThat(bad.output()).contains("spf=fail").contains("verdict   refused: 550 5.7.23");
            assertThat(bad.code()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("W3: thirty lines that know only the documented format read the queue of a server that is down")
    void theFormatIsAsDocumented() throws Exception {
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG
                        + "relay-networks = [\"127.0.0.0/8\"]\n"
                        + "relay.routes { \"*\" { host = \"127.0.0.9\", port = 2 } }\n");
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: x\n\ny\n", "a@far.test", "\"b c\"@far.test");
        await().atMost(PATIENCE).until(() -> server.says("event=deferred"));
        server.close();
        Path script = Path.of("..", "docs", "spool.py").toAbsolutePath();
        assertThat(Files.readAllLines(script)).hasSizeLessThan(50);
        ForeignPrograms.assumePythonRuns(script);
        String listed = Tools.run(
                ForeignPrograms.PYTHON,
                script.toString(),
                folder.resolve("data").toString());
        assertThat(listed.lines())
                .hasSize(2)
                .allMatch(line -> line.contains("<kim@sample.org>") && line.contains("PENDING"));
        assertThat(listed)
                .contains("<a@far.test>")
                .contains("<\"b c\"@far.test>")
                .contains("127.0.0.9");
    }

    @Test
    @DisplayName("W3: a data folder of a newer server is left alone")
    void aNewerFormatIsLeftAlone() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("format"), "3\n");
        write("");
        ServerProcess.Result result = mailserv();
        assertThat(result.code()).isNotZero();
        assertThat(result.output()).contains("is of format 3 (expected: 2 or lower): a newer mailserv has used it");
        assertThat(Files.exists(data.resolve("spool"))).isFalse();
    }

    @Test
    @DisplayName("W3: a data folder of an older server is taken over, and from then on is not for that one any more")
    void anOlderFormatIsTakenOver() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("format"), "1\n");
        try (ServerProcess server = ServerProcess.start(folder)) {
            assertThat(server.says("event=ready")).isTrue();
            assertThat(data.resolve("format")).hasContent("2");
        }
    }
}
