package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** What was seen of another domain comes to it as reports, over a jar of its own. */
@Timeout(180)
class ReportsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ServerProcess destination;
    private ServerProcess server;

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (destination != null) {
            destination.close();
        }
    }

    /** The attachment of the report that has come. */
    private String report() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(destination.pop3Port(), "ann@dest.test", "secret"))
                        .anyMatch(message -> message.contains("Subject: Report Domain: dest.test")));
        String message = MailClient.fetch(destination.pop3Port(), "ann@dest.test", "secret").stream()
                .filter(text -> text.contains("Subject: Report Domain: dest.test Submitter: mx.test Report-ID: <"))
                .findFirst()
                .orElseThrow();
        Matcher attachment = Pattern.compile("filename=\"[^\"]+[.]gz\"\n\n([A-Za-z0-9+/=\n]+?)\n--")
                .matcher(message);
        assertThat(attachment.find()).as(message).isTrue();
        byte[] zip = Base64.getMimeDecoder().decode(attachment.group(1));
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zip))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @Test
    @DisplayName("U14: a domain that asks for them gets aggregate reports of DMARC and reports on TLS; others do not")
    void reports() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
        try (ScriptedDnsServer dns = new ScriptedDnsServer()
                .mx("dest.test", 10, "mx.dest.test")
                .host("mx.dest.test", "127.0.0.2")
                .txt("dest.test", "v=spf1 ip4:192.0.2.1 -all")
                .txt("_dmarc.dest.test", "v=DMARC1; p=none; rua=mailto:ann@dest.test!10m,mailto:x@elsewhere.test")
                .txt("_smtp._tls.dest.test", "v=TLSRPTv1; rua=mailto:ann@dest.test")) {
            destination =
                    ServerProcess.start(Files.createDirectories(folder.resolve("destination")), """
                    hostname = "mx.dest.test"
                    data-dir = "data"
                    domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                    listeners = [
                      { kind = smtp, address = "127.0.0.2", port = %d }
                      { kind = pop3, address = "127.0.0.1", port = 0 }
                    ]
                    pop3.plaintext-networks = ["127.0.0.0/8"]
                    """.formatted(port));
            server = ServerProcess.start(
                    Files.createDirectories(folder.resolve("server")),
                    ServerProcess.CONFIG + """
                    dns { servers = ["%s"], hosts-file = false }
                    checks.exempt-networks = []
                    reports { dmarc = true, tls = true }
                    relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                    """.formatted(dns.address(), port));
            for (int i = 0; i < 3; i++) {
                MailClient.send(
                        server.smtpPort(),
                        "eve@dest.test",
                        "From: <eve@dest.test>\nSubject: x\n\ny\n",
                        "kim@sample.org");
            }
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(observed()).isEqualTo(3));
            assertThat(ServerProcess.run(folder.resolve("server"), "", "reports", "--now")
                            .output())
                    .isEqualTo("1 reports sent\n");

            String xml = report();
            assertThat(xml)
                    .contains("<domain>dest.test</domain>")
                    .contains("<discovery_method>treewalk</discovery_method>")
                    .contains("<source_ip>127.0.0.1</source_ip>")
                    .contains("<count>3</count>")
                    .contains("<disposition>none</disposition>")
                    .contains("<spf>fail</spf>")
                    .contains("<header_from>dest.test</header_from>")
                    .contains("<result>fail</result>");
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(xml.getBytes(UTF_8)));
            assertThat(observed()).isZero();
            // The second address is of a domain that has not said that it wants them.
            assertThat(server.output()).doesNotContain("to=<x@elsewhere.test>");
        }
    }

    private long observed() throws IOException {
        try (var files = Files.walk(folder.resolve("server/data/reports"))) {
            long lines = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                lines += Files.readAllLines(file).size();
            }
            return lines;
        }
    }

    @Test
    @DisplayName("U14: without the setting nothing is collected")
    void off() throws Exception {
        server = ServerProcess.start(Files.createDirectories(folder.resolve("server")));
        assertThat(folder.resolve("server/data/reports")).doesNotExist();
        assertThat(ServerProcess.run(folder.resolve("server"), "", "reports", "--now")
                        .code())
                .isNotZero();
    }
}
