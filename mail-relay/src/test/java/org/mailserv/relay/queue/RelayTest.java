package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Received;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.RecipientState.Status;

/** Messages on their way to a scripted server on loopback. */
class RelayTest {
    private static final String TEXT = "Subject: hello\r\n\r\nfirst\r\n.dot\r\n..two\r\nlast\r\n";

    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    private void start(UnaryOperator<RelayFixture.Settings> change, String... extensions) throws IOException {
        server = new ScriptedSmtpServer("127.0.0.2", extensions);
        fixture = new RelayFixture(RelayFixture.config(server.port(), change));
        fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    private void awaitStatus(String id, Status status) {
        // Large messages full of dots take seconds with paranoid leak detection on a busy machine.
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(fixture.status(id)).isEqualTo(status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PIPELINING", "PIPELINING,CHUNKING,8BITMIME,SIZE 1000000", "CHUNKING"})
    @DisplayName("M7: A message for another domain leaves over its MX, with its dots")
    void delivers(String extensions) throws IOException {
        start(s -> s, extensions.isEmpty() ? new String[0] : extensions.split(","));

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).hasSize(1);
        Received received = server.received().get(0);
        assertThat(received.mail()).startsWith("MAIL FROM:<joe@example.org>");
        assertThat(received.rcpts()).containsExactly("RCPT TO:<ann@dest.test>");
        assertThat(received.text()).isEqualTo(TEXT);
        await().untilAsserted(() -> assertThat(fixture.queued()).isZero());
        assertThat(fixture.bounces()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PIPELINING", "PIPELINING,CHUNKING"})
    @DisplayName("U15: All messages for one MX go in one session")
    void oneSession(String extensions) throws IOException {
        start(s -> s, extensions.isEmpty() ? new String[0] : extensions.split(","));
        fixture.dns.mx("other.test", 10, "mx.dest.test");

        List<String> ids = IntStream.range(0, 200)
                .mapToObj(i -> fixture.send(
                        "joe@example.org", TEXT + i + "\r\n", "u" + i + (i % 2 == 0 ? "@dest.test" : "@other.test")))
                .toList();

        await().untilAsserted(() -> assertThat(ids).allMatch(id -> fixture.status(id) == Status.DELIVERED));
        assertThat(server.received()).hasSize(200);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void refusalBecomesABounce() throws IOException {
        start(s -> s, "PIPELINING");
        server.script(
                (stage, line, c) -> stage == Stage.RCPT && line.contains("bob") ? "550 5.1.1 No such user here" : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test", "bob@dest.test");

        await().untilAsserted(() -> assertThat(fixture.state(id).isSettled()).isTrue());
        assertThat(fixture.state(id).recipients().get(0).status()).isEqualTo(Status.DELIVERED);
        assertThat(fixture.state(id).recipients().get(1).status()).isEqualTo(Status.FAILED);
        assertThat(fixture.bounces()).hasSize(1);
        assertThat(fixture.bounces().get(0))
                .contains("From: Mail Delivery System <postmaster@example.org>")
                .contains("No such user here")
                .contains("Final-Recipient: rfc822; bob@dest.test")
                .contains("Received-From-MTA: dns; helo.test (client.test [192.0.2.7])")
                .doesNotContain("ann@dest.test");
    }

    @Test
    void temporaryRefusalIsTriedAgain() throws IOException {
        start(s -> s);
        int[] tries = new int[1];
        server.script((stage, line, c) -> stage == Stage.RCPT && tries[0]++ < 2 ? "450 4.2.1 Later" : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).hasSize(1);
        assertThat(fixture.bounces()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3000})
    @DisplayName("W5, M13: 8-bit mail and long lines become quoted-printable for a server of 7 bits, small and large")
    void convertsForSevenBits(int copies) throws IOException {
        start(s -> s, "PIPELINING", "CHUNKING", "SIZE 10000000");
        String line = "x".repeat(1200) + "\u00fc\r\n";

        String id = fixture.send("joe@example.org", "Subject: hello\r\n\r\n" + line.repeat(copies), "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        Received received = server.received().get(0);
        assertThat(received.mail()).doesNotContain("8BITMIME");
        assertThat(received.text())
                .contains("Content-Transfer-Encoding: quoted-printable")
                .contains("=FC\r\n");
        assertThat(received.text().chars().allMatch(c -> c < 127)).isTrue();
        assertThat(received.text().split("=FC\r\n", -1)).hasSize(copies + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "'a line', 1, PIPELINING",
        "'a line', 30000, PIPELINING",
        "'a line', 30000, CHUNKING",
        "'.a dot', 1, PIPELINING",
        "'.a dot', 30000, PIPELINING",
        "'.a dot', 30000, CHUNKING"
    })
    @DisplayName("W5: every octet arrives, of small and large messages, with dots and without, by DATA and by BDAT")
    void everyOctetArrives(String line, int copies, String extension) throws IOException {
        start(s -> s, extension, "SIZE 10000000");
        String text = "Subject: hello\r\n\r\n" + (line + "\r\n").repeat(copies);

        String ended = fixture.send("joe@example.org", text, "ann@dest.test");
        awaitStatus(ended, Status.DELIVERED);
        String open = fixture.send("joe@example.org", text + "no end", "ann@dest.test");
        awaitStatus(open, Status.DELIVERED);

        // BDAT carries text with whole lines only.
        boolean chunking = extension.equals("CHUNKING");
        assertThat(server.received()).extracting(Received::text).containsExactly(text, text + "no end\r\n");
        assertThat(server.received()).extracting(Received::bdat).containsExactly(chunking, false);
    }

    @ParameterizedTest
    @CsvSource({"8BITMIME, 1", "PIPELINING, 1", "CHUNKING, 1", "8BITMIME, 20000", "CHUNKING, 20000"})
    void noBareCrOrLfLeaves(String extension, int copies) throws IOException {
        start(s -> s, extension, "SIZE 10000000");
        String body = "a\r.\rb\r\n\r.\r\n.\n.\r\n\r\r\n.\n".repeat(copies);

        String id = fixture.send("joe@example.org", "Subject: a\rb\r\n\r\n" + body + "end\r", "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        String text = server.received().get(0).text();
        assertThat(text.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
        assertThat(text).startsWith("Subject: a b\r\n").contains("a=0D.=0Db\r\n");
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void mailOfOthersIsConvertedAlthoughItsSignatureBecomesWrong() throws IOException {
        start(s -> s, "PIPELINING");

        String id = fixture.send(
                "joe@example.org",
                "DKIM-Signature: v=1; d=other.test\r\nSubject: x\r\n\r\n\u00fc\r\n",
                "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received().get(0).text()).contains("d=other.test").contains("=FC");
    }

    @Test
    void mailOfOthersGoesBackWhereItsSignatureMustStay() throws IOException {
        start(s -> s.with(t -> t.convertSigned = ConvertSigned.NONE), "PIPELINING");

        String id = fixture.send(
                "joe@example.org",
                "DKIM-Signature: v=1; d=other.test\r\nSubject: x\r\n\r\n\u00fc\r\n",
                "ann@dest.test");

        awaitStatus(id, Status.FAILED);
        assertThat(fixture.bounces())
                .singleElement()
                .asString()
                .contains("5.6.3")
                .contains("signature");
    }

    @Test
    @DisplayName("W5: what a signature seals is not changed, and goes back (RFC 6152, 3)")
    void bouncesWhatIsSealed() throws IOException {
        start(s -> s, "PIPELINING");

        String id = fixture.send(
                "joe@example.org",
                "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b--\r\n",
                "ann@dest.test");

        awaitStatus(id, Status.FAILED);
        assertThat(fixture.bounces()).singleElement().asString().contains("5.6.3");
        assertThat(server.received()).isEmpty();
    }
}
