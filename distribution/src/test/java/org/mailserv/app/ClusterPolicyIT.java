package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.store.cql.testing.OneCassandra;
import org.mailserv.server.testing.TestCertificate;

/** Two servers over one Apache Cassandra: accounts, keys and limits are those of the cluster, whichever server is asked. */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
@DisplayName("Two servers with one policy")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterPolicyIT {
    private static final String TEXT = "Subject: %s\n\nbody\n";
    /** The mirror looks once a second, and so do those who use the files. */
    private static final int SECONDS = 10;

    @TempDir
    static Path folder;

    private static ClusterNodes nodes;

    @BeforeAll
    static void start() throws Exception {
        nodes = new ClusterNodes(folder, OneCassandra.config().contactPoints(), 1, """
                hostname = "mx.test"
                relay-networks = ["127.0.1.0/24"]
                tls.acme { enabled = true, directory = "https://127.0.0.1:9/", retry = [1h], challenge = dns-01
                  dns.command = ["true"] }
                tls.look-interval = 1s
                srs.enabled = true
                login { failure-delay = 0s, max-failures = 30, lockout = 10m }
                checks { exempt-networks = ["127.0.0.0/24"], spf = off, dmarc = off, dkim = false, timeout = 1s }
                checks.greylist { enabled = true, delay = 1s }
                dns.servers = ["127.0.0.1:9"]
                limits.client-messages-per-minute = 20
                """);
        nodes.start("a");
        nodes.start("b");
    }

    @AfterAll
    static void stop() throws Exception {
        nodes.close();
    }

    /** Runs a command on the machine of a node. */
    private static String command(String node, String input, String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(nodes.place(node), input, arguments);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    private static void send(String node, String source, String recipient) throws IOException {
        MailClient.sendFrom(source, nodes.node(node).smtpPort(), "x@far.test", TEXT.formatted("hello"), recipient);
    }

    private static List<String> fetch(String node, String user, String password) throws IOException {
        return MailClient.fetch(nodes.node(node).pop3Port(), user, password);
    }

    private static void soon(ThrowingRunnable assertion) {
        await().atMost(ClusterNodes.atMost(SECONDS))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .untilAsserted(assertion);
    }

    @Test
    @Order(1)
    @DisplayName("users, passwords, aliases and domains that one server is told are known to the other within seconds")
    void accounts() throws Exception {
        command("a", "first\n", "user", "add", "pat@sample.org", "--password-stdin");
        command("b", "", "alias", "add", "info@sample.org", "pat@sample.org");
        command("a", "", "domain", "add", "second.test");
        soon(() -> assertThat(fetch("b", "pat@sample.org", "first")).isEmpty());
        soon(() -> send("a", "127.0.1.1", "info@sample.org"));
        assertThat(fetch("b", "pat@sample.org", "first")).hasSize(1);
        command("b", "second\n", "user", "passwd", "pat@sample.org", "--password-stdin");
        soon(() -> assertThat(fetch("a", "pat@sample.org", "second")).hasSize(1));
        assertThatThrownBy(() -> fetch("a", "pat@sample.org", "first")).hasMessageContaining("-ERR");
        soon(() -> assertThat(command("b", "", "domain", "list")).contains("second.test"));
        command("b", "third\n", "user", "add", "lee@second.test", "--password-stdin");
        soon(() -> send("a", "127.0.1.1", "lee@second.test"));
        command("a", "", "user", "remove", "pat@sample.org");
        soon(() ->
                assertThatThrownBy(() -> fetch("b", "pat@sample.org", "second")).hasMessageContaining("-ERR"));
    }

    @Test
    @Order(2)
    @DisplayName("DKIM keys and the SRS secret are the same on both")
    void keys() throws Exception {
        command("a", "", "dkim", "keygen", "sample.org");
        soon(() -> assertThat(keyFiles("b")).isNotEmpty().isEqualTo(keyFiles("a")));
        assertThat(command("b", "", "dkim", "list", "sample.org"))
                .isEqualTo(command("a", "", "dkim", "list", "sample.org"));
        assertThat(Files.readString(nodes.place("a").resolve("data/srs-secret")))
                .isNotBlank()
                .isEqualTo(Files.readString(nodes.place("b").resolve("data/srs-secret")));
    }

    @Test
    @Order(2)
    @DisplayName("a certificate by ACME that one node has is served by the other, which has the same host name")
    void certificate() throws Exception {
        Path own = nodes.place("a").resolve("data/tls/acme/certificate.pem");
        Path other = nodes.place("b").resolve("data/tls/acme/certificate.pem");
        TestCertificate made = TestCertificate.of("P-256").names("mx.test").make();
        Files.createDirectories(own.getParent());
        Files.writeString(own, made.certificatePem() + made.keyPem());
        soon(() -> assertThat(other).hasSameTextualContentAs(own));
        soon(() -> assertThat(nodes.node("b").output())
                .containsPattern("event=certificate-loaded file=\\S*acme/certificate.pem names=\\[mx.test\\]"));
    }

    private static List<String> keyFiles(String node) throws IOException {
        Path keys = nodes.place(node).resolve("data/dkim/sample.org");
        try (Stream<Path> files = Files.list(keys)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    @Order(3)
    @DisplayName("a node that starts later has everything before it serves anybody")
    void newNode() throws Exception {
        command("a", "fourth\n", "user", "add", "new@sample.org", "--password-stdin");
        soon(() -> assertThat(fetch("b", "new@sample.org", "fourth")).isEmpty());
        nodes.start("c");
        assertThat(fetch("c", "new@sample.org", "fourth")).isEmpty();
        soon(() -> send("c", "127.0.1.1", "lee@second.test"));
        nodes.node("c").terminate();
        nodes.node("c").awaitExit();
        nodes.forget("c");
    }

    @Test
    @Order(4)
    @DisplayName("greylisting: who was deferred by one server is accepted by the other")
    void greylist() throws Exception {
        assertThatThrownBy(() -> send("a", "127.0.5.5", "kim@sample.org")).hasMessageContaining("451");
        // This server would defer its own first attempt: it accepts only because of the one at the other server.
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
        send("b", "127.0.5.5", "kim@sample.org");
    }

    @Test
    @Order(5)
    @DisplayName("the limit of messages of a client counts at both servers")
    void sendingLimit() {
        await().atMost(Duration.ofSeconds(75))
                .pollInterval(Duration.ofSeconds(7))
                .untilAsserted(() -> assertThatThrownBy(() -> {
                            fill("a", "127.0.0.9");
                            // Once in 7 seconds: by itself this server would never refuse.
                            send("b", "127.0.0.9", "kim@sample.org");
                        })
                        .hasMessageContaining("\"450 "));
    }

    /** Sends as much as one server takes in a minute. */
    private static void fill(String node, String source) {
        for (int i = 0; i < 20; i++) {
            try {
                send(node, source, "kim@sample.org");
            } catch (IOException e) {
                return;
            }
        }
    }

    @Test
    @Order(6)
    @DisplayName("failed logins at one server lock the client out of the other")
    void lockout() {
        for (int i = 0; i < 30; i++) {
            assertThatThrownBy(() -> fetch("a", "kim@sample.org", "wrong")).hasMessageContaining("-ERR");
        }
        await().atMost(ClusterNodes.atMost(30))
                .pollInterval(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThatThrownBy(() -> fetch("b", "kim@sample.org", "secret"))
                        .hasMessageContaining("-ERR"));
    }
}
