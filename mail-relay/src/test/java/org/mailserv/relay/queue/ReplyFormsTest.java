package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.config.RouteConfig;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.RecipientState.Status;

/** Servers whose replies have faults of form, and servers that do not bear the extensions that they offer. */
@Timeout(120)
class ReplyFormsTest {
    private static final String TEXT = "Subject: hello\r\n\r\n.body\r\n";

    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    private void start(UnaryOperator<RelayFixture.Settings> change, String... extensions) throws IOException {
        server = new ScriptedSmtpServer("127.0.0.2", extensions);
        fixture = new RelayFixture(RelayFixture.config(
                server.port(),
                settings -> change.apply(settings.with(s -> {
                    s.timeouts = ClientTimeouts.all(Duration.ofMillis(500));
                    s.schedule = List.of(Duration.ofMillis(50));
                }))));
        fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        server.close();
    }

    private void awaitStatus(String id, Status status) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(fixture.status(id)).isEqualTo(status));
    }

    private static List<String> forms(String code) {
        return List.of(
                code + "-queued\r\n" + (Integer.parseInt(code) - 30) + "-odd\r\n" + code + " ready",
                (Integer.parseInt(code) + 1) + "-queued\r\n" + code + " ready",
                code + "-queued\r\nsome words\r\n\r\n" + code + " ready",
                code + " " + "x".repeat(5000),
                code + "-" + "x".repeat(10_000) + "\r\n" + code + " ready",
                (code + "-more\r\n").repeat(3000) + code + " ready",
                code,
                code + "\tready",
                code + "_ready",
                code + " a\0b\u00fc",
                code + " ready\r");
    }

    static Stream<Arguments> formsAndExtensions() {
        List<Arguments> cases = new ArrayList<>();
        for (String extensions : List.of("8BITMIME", "PIPELINING", "PIPELINING,CHUNKING")) {
            for (int form = 0; form < forms("250").size(); form++) {
                cases.add(Arguments.of(extensions, form));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("formsAndExtensions")
    void aReplyToTheWholeMessageIsReadWhateverItsForm(String extensions, int form) throws IOException {
        start(s -> s, extensions.split(","));
        server.script(
                (stage, line, connection) -> stage == Stage.END ? forms("250").get(form) : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        await().untilAsserted(() -> assertThat(fixture.queued()).isZero());
        assertThat(server.received()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("formsAndExtensions")
    void aRefusalOfARecipientIsReadWhateverItsForm(String extensions, int form) throws IOException {
        start(s -> s, extensions.split(","));
        server.script(
                (stage, line, connection) -> stage == Stage.RCPT ? forms("550").get(form) : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.FAILED);
        assertThat(fixture.bounces()).hasSize(1);
        assertThat(server.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GREETING", "HELLO", "MAIL", "RCPT", "DATA", "RSET", "QUIT"})
    void everyCommandTakesARepliesOfOddForm(String stage) throws IOException {
        start(s -> s);
        Stage odd = Stage.valueOf(stage);
        String code = odd == Stage.GREETING ? "220" : odd == Stage.DATA ? "354" : odd == Stage.QUIT ? "221" : "250";
        server.script((at, line, connection) -> at == odd
                ? code + "-one\r\nwords\r\n" + code + "-" + "y".repeat(5000) + "\r\n" + code + "\tend"
                : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).hasSize(1);
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 hello\r\n250 again", "250 hello\r\n\r\n250 again\r\n250 and again"})
    void aReplyTooManyIsNotTakenForTheNextOne(String end) throws IOException {
        start(s -> s, "PIPELINING");
        server.script((stage, line, connection) -> stage == Stage.END
                ? end
                : stage == Stage.GREETING
                        ? "220 mx\r\n220 ready"
                        : stage == Stage.RCPT && line.contains("bob") ? "550 5.1.1 no" : null);

        String first = fixture.send("joe@example.org", TEXT, "ann@dest.test");
        awaitStatus(first, Status.DELIVERED);
        String second = fixture.send("joe@example.org", TEXT, "bob@dest.test");
        awaitStatus(second, Status.FAILED);
        String third = fixture.send("joe@example.org", TEXT, "cyd@dest.test");
        awaitStatus(third, Status.DELIVERED);
        assertThat(server.received()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {ScriptedSmtpServer.DISCONNECT, ScriptedSmtpServer.SILENCE, "nonsense", "354 go on", "199 x"})
    void aMessageThatIsNeverAnsweredIsNotSentWithoutEnd(String end) throws IOException {
        start(s -> s, "PIPELINING");
        AtomicInteger copies = new AtomicInteger();
        server.script((stage, line, connection) -> {
            if (stage == Stage.END) {
                copies.incrementAndGet();
            }
            return stage == Stage.END ? end : null;
        });

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.FAILED);
        assertThat(copies).hasValue(3);
        assertThat(fixture.bounces())
                .singleElement()
                .asString()
                .contains("Subject: It is uncertain whether your message was delivered")
                .contains("may have received the message")
                .contains("Action: failed")
                .contains("Status: 4.4.2")
                .doesNotContain("could not be delivered");
    }

    @Test
    void aLossBeforeTheWholeMessageWasSentIsTriedFurther() throws IOException {
        start(s -> s.with(t -> t.uncertainLosses = 1), "PIPELINING");
        AtomicInteger times = new AtomicInteger();
        server.script((stage, line, connection) ->
                stage == Stage.DATA && times.getAndIncrement() < 4 ? ScriptedSmtpServer.DISCONNECT : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "PIPELINING,CHUNKING"})
    void aServerThatClosesAfterEachMessageGetsOneAtATime(String extensions) throws IOException {
        start(s -> s, extensions.split(","));
        server.script((stage, line, connection) ->
                stage == Stage.END ? ScriptedSmtpServer.THEN_CLOSE + "250 2.0.0 Taken" : null);

        List<String> ids = IntStream.range(0, 20)
                .mapToObj(i -> fixture.send("joe@example.org", TEXT + i + "\r\n", "u" + i + "@dest.test"))
                .toList();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ids).allMatch(id -> fixture.status(id) == Status.DELIVERED));
        // The first one may come twice: until then nobody knew.
        assertThat(server.received().size()).isBetween(20, 21);
        assertThat(fixture.bounces()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"500 5.5.1 what", "502 no", "503 5.5.1 no", "504 no", "550 no", "554 5.5.1 no"})
    void aServerThatRefusesTheBdatThatItOffersGetsData(String refusal) throws IOException {
        start(s -> s, "PIPELINING", "CHUNKING");
        AtomicInteger refused = new AtomicInteger();
        List<Boolean> answered = new ArrayList<>();
        server.script((stage, line, connection) -> {
            boolean chunk = stage == Stage.END && refused.get() == answered.size() && lastIsBdat();
            if (chunk) {
                answered.add(true);
                refused.incrementAndGet();
            }
            return chunk ? refusal : null;
        });

        List<String> ids = IntStream.range(0, 5)
                .mapToObj(i -> fixture.send("joe@example.org", TEXT + i + "\r\n", "u" + i + "@dest.test"))
                .toList();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ids).allMatch(id -> fixture.status(id) == Status.DELIVERED));
        assertThat(refused.get()).isPositive();
        assertThat(server.received()).hasSize(5).noneMatch(ScriptedSmtpServer.Received::bdat);
        assertThat(fixture.bounces()).isEmpty();
    }

    private boolean lastIsBdat() {
        List<String> commands = server.commands();
        return commands.get(commands.size() - 1).startsWith("BDAT");
    }

    @Test
    void aRefusalOfTheMessageIsNotTakenForOneOfBdat() throws IOException {
        start(s -> s, "PIPELINING", "CHUNKING");
        server.script((stage, line, connection) -> stage == Stage.END ? "550 5.7.1 spam" : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.FAILED);
        assertThat(server.commands()).doesNotContain("DATA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "PIPELINING,CHUNKING"})
    void aServerThatHangsOnPipeliningGetsOneCommandAtATime(String extensions) throws IOException {
        start(s -> s, (extensions + "," + ScriptedSmtpServer.HANGS_ON_PIPELINING).split(","));

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).hasSize(1);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void aServerThatTakesOffenceAtPipeliningGetsOneCommandAtATime() throws IOException {
        start(s -> s, "PIPELINING");
        server.script((stage, line, connection) ->
                stage == Stage.RCPT && connection == 1 ? "554 SMTP synchronization error" : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(fixture.bounces()).isEmpty();
    }

    @Test
    void keywordsThatTheOperatorDiscardsAreNotUsed() throws IOException {
        start(
                s -> s.routes(java.util.Map.of(
                        "dest.test",
                        new RouteConfig(
                                "127.0.0.2",
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                List.of("chunking", "Size", "8BITMIME", "dsn", "silent-discard")))),
                "PIPELINING",
                "CHUNKING",
                "SIZE 100000",
                "8BITMIME",
                "DSN");

        String id = fixture.send("joe@example.org", "Subject: x\r\n\r\n\u00fc\r\n", "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
        assertThat(server.received()).singleElement().satisfies(message -> {
            assertThat(message.bdat()).isFalse();
            assertThat(message.mail()).isEqualTo("MAIL FROM:<joe@example.org>");
            assertThat(message.text()).contains("=FC");
        });
    }

    @Test
    void keywordsCanBeDiscardedForAllServers() throws IOException {
        start(s -> s.with(t -> t.discardEhlo = List.of("size")), "SIZE 10");

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        awaitStatus(id, Status.DELIVERED);
    }
}
