package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.RecipientState.Status;

/** Servers that break off, fall silent, refuse and babble, at every stage. */
@Timeout(180)
class RelayFaultsTest {
    private static final String TEXT = "Subject: hello\r\n\r\n.body\r\n";
    private static final String[][] EXTENSIONS = {{}, {"PIPELINING"}, {"PIPELINING", "CHUNKING"}};

    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    private void start(String... extensions) throws IOException {
        server = new ScriptedSmtpServer("127.0.0.2", extensions);
        fixture = new RelayFixture(RelayFixture.config(
                server.port(),
                settings -> settings.with(s -> {
                    s.timeouts = ClientTimeouts.all(Duration.ofMillis(300));
                    s.schedule = List.of(Duration.ofMillis(50));
                    s.uncertainLosses = 10;
                })));
        fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        server.close();
    }

    static Stream<Arguments> passingFaults() {
        List<Arguments> cases = new ArrayList<>();
        for (String[] extensions : EXTENSIONS) {
            for (Stage stage : List.of(
                    Stage.GREETING, Stage.HELLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END)) {
                for (String fault : List.of(
                        ScriptedSmtpServer.DISCONNECT,
                        ScriptedSmtpServer.SILENCE,
                        ScriptedSmtpServer.SLOW,
                        "450 4.2.0 later",
                        "421 4.3.2 closing",
                        "garbage",
                        "250-endless\r\n450 mixed")) {
                    boolean said = stage != Stage.CONTENT || fault.equals(ScriptedSmtpServer.DISCONNECT);
                    boolean bdat = extensions.length == 2 && stage == Stage.DATA;
                    if (said && !bdat) {
                        cases.add(Arguments.of(extensions, stage, fault));
                    }
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("passingFaults")
    @DisplayName("F3, F7: a fault that passes delays a message, and neither loses nor bounces it")
    void survives(String[] extensions, Stage stage, String fault) throws IOException {
        start(extensions);
        AtomicInteger times = new AtomicInteger();
        server.script((at, line, connection) -> at == stage && times.getAndIncrement() < 2 ? fault : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(fixture.status(id)).isEqualTo(Status.DELIVERED));
        assertThat(server.received())
                .isNotEmpty()
                .allMatch(message -> message.text().equals(TEXT));
        assertThat(fixture.bounces()).isEmpty();
        await().untilAsserted(() -> assertThat(fixture.queued()).isZero());
    }

    static Stream<Arguments> lastingRefusals() {
        List<Arguments> cases = new ArrayList<>();
        for (String[] extensions : EXTENSIONS) {
            for (Stage stage : List.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END)) {
                if (extensions.length < 2 || stage != Stage.DATA) {
                    cases.add(Arguments.of(extensions, stage));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("lastingRefusals")
    @DisplayName("F7, M7: a refusal for good at any stage becomes one bounce, and is not tried again")
    void bounces(String[] extensions, Stage stage) throws IOException {
        start(extensions);
        server.script((at, line, connection) -> at == stage ? "554 5.7.1 never" : null);

        String id = fixture.send("joe@example.org", TEXT, "ann@dest.test");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(fixture.status(id)).isEqualTo(Status.FAILED));
        assertThat(fixture.bounces())
                .singleElement()
                .asString()
                .contains("5.7.1")
                .contains("never");
        assertThat(server.received()).isEmpty();
    }

    @Test
    @DisplayName("F2: two failed connects end a round, however many messages wait")
    void deadHost() throws IOException {
        start();
        server.close();
        for (int i = 0; i < 200; i++) {
            fixture.send("joe@example.org", TEXT, "u" + i + "@dest.test");
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> fixture.queued() == 200);
        assertThat(server.connections()).isZero();
        assertThat(fixture.bounces()).isEmpty();
    }

    @Test
    @DisplayName("F3: 600 messages through faults at random: each arrives, and twice only where the last word was lost")
    void exactlyOnce() throws IOException {
        long seed = 20261121;
        Random random = new Random(seed);
        start("PIPELINING", "CHUNKING", "8BITMIME");
        Set<Integer> cut = new HashSet<>();
        String[] faults = {ScriptedSmtpServer.DISCONNECT, "451 4.3.0 later", "421 4.3.2 closing", "452 4.5.3 too many"};
        server.script((stage, line, connection) -> {
            synchronized (random) {
                boolean strikes = stage != Stage.QUIT && stage != Stage.RSET && random.nextInt(60) == 0;
                String fault = strikes ? faults[random.nextInt(faults.length)] : null;
                // A connection that breaks may take replies with it that were on their way.
                if (fault != null && (fault.startsWith("421") || fault.equals(ScriptedSmtpServer.DISCONNECT))) {
                    cut.add(connection);
                }
                return fault;
            }
        });
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            ids.add(fixture.send("joe@example.org", "Subject: n" + i + "\r\n\r\nx\r\n", "u" + i + "@dest.test"));
        }

        await().atMost(Duration.ofSeconds(120))
                .untilAsserted(() -> assertThat(ids).allMatch(id -> fixture.status(id) == Status.DELIVERED));
        Map<String, List<Integer>> arrived = new HashMap<>();
        server.received()
                .forEach(message -> arrived.computeIfAbsent(message.text(), text -> new ArrayList<>())
                        .add(message.connection()));
        assertThat(arrived).as("seed " + seed).hasSize(600);
        arrived.forEach(
                (text, connections) -> assertThat(connections.stream().filter(connection -> !cut.contains(connection)))
                        .as(text)
                        .hasSizeLessThanOrEqualTo(1));
        assertThat(fixture.bounces()).isEmpty();
    }
}
