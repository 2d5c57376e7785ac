package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** One jar relays to another, found through a DNS on loopback. */
@Timeout(180)
class RelayIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private ScriptedDnsServer dns;
    private ServerProcess destination;
    private ServerProcess server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        dns = new ScriptedDnsServer().mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        if (destination != null) {
            destination.close();
        }
        dns.close();
    }

    private void startDestination() throws IOException {
        Path place = Files.createDirectories(folder.resolve("destination"));
        destination = ServerProcess.start(place, """
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

    private void startServer() throws IOException {
        Path place = Files.createDirectories(folder.resolve("server"));
        server = ServerProcess.start(place, ServerProcess.CONFIG + """
                relay-networks = ["127.0.0.0/8"]
                dns.servers = ["%s"]
                relay { port = %d, allow-loopback = true, retry.schedule = [300ms] }
                """.formatted(dns.address(), port));
    }

    private void awaitMail(ServerProcess at, String user, String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(at.pop3Port(), user, "secret"))
                        .anyMatch(message -> message.contains(text)));
    }

    @Test
    @DisplayName(
            "M7, U13: A message for here and for another domain goes to both; a refusal there is told to the sender")
    void relaysAndBounces() throws Exception {
        startDestination();
        startServer();

        MailClient.send(
                server.smtpPort(),
                "doug@the-richardsons.org",
                "Subject: both\n\n.dots\nbody\n",
                "ann@dest.test",
                "rebecca@the-richardsons.org");
        awaitMail(destination, "ann@dest.test", "\n.dots\nbody\n");
        assertThat(MailClient.fetch(server.pop3Port(), "rebecca@the-richardsons.org", "secret"))
                .hasSize(1);

        MailClient.send(server.smtpPort(), "doug@the-richardsons.org", "Subject: nobody\n\nbody\n", "nobody@dest.test");
        awaitMail(server, "doug@the-richardsons.org", "From: Mail Delivery System <postmaster@the-richardsons.org>");
        String bounce = MailClient.fetch(server.pop3Port(), "doug@the-richardsons.org", "secret")
                .get(0);
        assertThat(bounce)
                .contains("Final-Recipient: rfc822; nobody@dest.test")
                .contains("Action: failed")
                .contains("Remote-MTA: dns; mx.dest.test")
                .contains("Received-From-MTA: dns; client.test ([127.0.0.1])")
                .contains("Subject: nobody");
    }

    @Test
    @DisplayName("F3: What waits for a dead destination survives kill -9 and leaves when the destination is back")
    void survivesKill() throws Exception {
        startServer();
        for (int i = 0; i < 20; i++) {
            MailClient.send(
                    server.smtpPort(), "doug@the-richardsons.org", "Subject: n" + i + "\n\nbody\n", "ann@dest.test");
        }
        await().atMost(PATIENCE).until(() -> server.says("event=connect-failed"));
        server.kill();
        startDestination();
        startServer();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(MailClient.fetch(destination.pop3Port(), "ann@dest.test", "secret"))
                        .hasSize(20));
        List<String> bounces = MailClient.fetch(server.pop3Port(), "doug@the-richardsons.org", "secret");
        assertThat(bounces).isEmpty();
    }
}
