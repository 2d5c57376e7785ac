package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** One jar relays to another whose domain says what TLS to it is like. */
@Timeout(180)
class TrustIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ANN = "ann@dest.test";

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess destination;
    private ServerProcess server;
    private Path home;
    private int port;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer().mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
        destination = ServerProcess.start(Files.createDirectories(folder.resolve("destination")), """
                hostname = "mx.dest.test"
                data-dir = "data"
                domains { "dest.test" { mailboxes { ann { password = "{PLAIN}secret" } } } }
                listeners = [
                  { kind = smtp, address = "127.0.0.2", port = %d }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                """.formatted(port));
        home = Files.createDirectories(folder.resolve("server"));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        destination.close();
        dns.close();
    }

    private void startServer(boolean trusted) throws IOException {
        startServer(trusted, "");
    }

    private void startServer(boolean trusted, String more) throws IOException {
        server = ServerProcess.start(
                home, ServerProcess.CONFIG + """
                relay-networks = ["127.0.0.0/8"]
                dns { servers = ["%s"], trusted = %s, hosts-file = false, max-negative-ttl = 0s }
                log.level = debug
                relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                """.formatted(dns.address(), trusted, port) + more + "\n");
    }

    private X509Certificate certificate() throws Exception {
        try (InputStream in = Files.newInputStream(folder.resolve("destination/data/tls/self-signed.crt"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private void tlsa(int usage, int selector, byte[] of) throws Exception {
        dns.record("_" + port + "._tcp.mx.dest.test", ScriptedDnsServer.TLSA, 0, record(usage, selector, of));
    }

    private static byte[] record(int usage, int selector, byte[] of) throws Exception {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(new byte[] {(byte) usage, (byte) selector, 1});
        data.writeBytes(MessageDigest.getInstance("SHA-256").digest(of));
        return data.toByteArray();
    }

    private void send(String subject) throws IOException {
        MailClient.send(server.smtpPort(), "kim@sample.org", "Subject: " + subject + "\n\nbody\n", ANN);
    }

    private void awaitArrival(String subject) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(destination.pop3Port(), ANN, "secret"))
                        .anyMatch(message -> message.contains("Subject: " + subject)));
    }

    private void policy(String mx) throws IOException {
        dns.txt("_mta-sts.dest.test", "v=STSv1; id=1;");
        Path kept = Files.createDirectories(home.resolve("data/mta-sts"));
        Files.writeString(
                kept.resolve("dest.test"),
                "1 " + Instant.now().getEpochSecond() + "\nversion: STSv1\nmode: enforce\nmx: " + mx
                        + "\nmax_age: 86400\n");
    }

    @Test
    @DisplayName(
            "U14: with a TLSA record that fits, a self-signed certificate is as good as any (DANE-EE, by key and by certificate)")
    void daneThatFits() throws Exception {
        dns.setAuthenticated(true);
        tlsa(3, 1, certificate().getPublicKey().getEncoded());
        startServer(true);
        send("by key");
        awaitArrival("by key");
        assertThat(server.output()).contains("demand=\"MUST (dane)\"");
        ServerProcess.Result explained = ServerProcess.run(home, "", "explain", ANN);
        assertThat(explained.output()).contains("TLS MUST (dane)");
    }

    @Test
    @DisplayName(
            "U14: with TLSA records that do not fit the mail waits, in an unsigned zone or with an untrusted resolver they count for nothing")
    void daneThatDoesNotFit() throws Exception {
        dns.setAuthenticated(true);
        tlsa(3, 1, new byte[] {1});
        startServer(true);
        send("waits");
        await().atMost(PATIENCE).until(() -> server.says("event=deferred") && server.says("4.7.5"));
        assertThat(MailClient.fetch(destination.pop3Port(), ANN, "secret")).isEmpty();
        // The owner mends the record.
        dns.forget("_" + port + "._tcp.mx.dest.test");
        tlsa(2, 0, certificate().getEncoded());
        awaitArrival("waits");
        server.close();

        dns.forget("_" + port + "._tcp.mx.dest.test");
        tlsa(3, 1, new byte[] {1});
        startServer(false);
        send("untrusted");
        awaitArrival("untrusted");
        server.close();

        dns.setAuthenticated(false);
        startServer(true);
        send("unsigned");
        awaitArrival("unsigned");
    }

    @Test
    @DisplayName("An MX name that is an alias: the records of the expanded name count, then those of the original")
    void daneOfAliases() throws Exception {
        dns.setAuthenticated(true);
        dns.forget("mx.dest.test").cname("mx.dest.test", "real.host.test").host("real.host.test", "127.0.0.2");
        String expanded = "_" + port + "._tcp.real.host.test";
        dns.record(expanded, ScriptedDnsServer.TLSA, 0, record(3, 1, new byte[] {1}));
        tlsa(3, 1, certificate().getPublicKey().getEncoded());
        startServer(true);
        send("wrong key");
        await().atMost(PATIENCE).until(() -> server.says("event=deferred") && server.says("4.7.5"));
        assertThat(MailClient.fetch(destination.pop3Port(), ANN, "secret")).isEmpty();

        dns.forget(expanded);
        awaitArrival("wrong key");
        assertThat(server.output()).doesNotContain("next=plain-text");
    }

    @Test
    @DisplayName("Records of a smart host count as those of an MX host do")
    void daneOfSmartHosts() throws Exception {
        dns.setAuthenticated(true);
        dns.host("smart.test", "127.0.0.2");
        String name = "_" + port + "._tcp.smart.test";
        dns.record(name, ScriptedDnsServer.TLSA, 0, record(3, 1, new byte[] {1}));
        startServer(true, "relay.routes { \"*\" { host = \"smart.test\" } }");
        send("by smart host");
        await().atMost(PATIENCE).until(() -> server.says("event=deferred") && server.says("4.7.5"));

        dns.forget(name)
                .record(
                        name,
                        ScriptedDnsServer.TLSA,
                        0,
                        record(3, 1, certificate().getPublicKey().getEncoded()));
        awaitArrival("by smart host");
    }

    @Test
    @DisplayName(
            "U14: under an enforced MTA-STS policy a certificate that nobody vouches for is refused, and so is a server that it does not name")
    void mtaSts() throws Exception {
        policy("mx.dest.test");
        startServer(false);
        send("not vouched for");
        await().atMost(PATIENCE).until(() -> server.says("demand=\"VERIFY (mta-sts)\""));
        await().atMost(PATIENCE).until(() -> server.says("event=deferred") && server.says("4.7.5"));
        server.close();

        policy("other.dest.test");
        startServer(false);
        send("not named");
        await().atMost(PATIENCE).until(() -> server.says("lists none of the servers in its MX records"));
        assertThat(MailClient.fetch(destination.pop3Port(), ANN, "secret")).isEmpty();
        server.close();

        // DANE goes before MTA-STS.
        dns.setAuthenticated(true);
        tlsa(3, 0, certificate().getEncoded());
        startServer(true);
        awaitArrival("not named");
    }
}
