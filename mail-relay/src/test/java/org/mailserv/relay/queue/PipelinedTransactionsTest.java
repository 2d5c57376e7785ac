package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Received;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.spool.RecipientState.Status;

/** Messages that follow a failed one on the same connection, at servers that keep the failed transaction open. */
@Timeout(120)
class PipelinedTransactionsTest {
    private static final int MESSAGES = 60;
    private static final Pattern NUMBER = Pattern.compile("[a-z]([0-9]+)@|Subject: ([0-9]+)");

    private ScriptedSmtpServer server;
    private RelayFixture fixture;

    private void start(String... extensions) throws IOException {
        server = new ScriptedSmtpServer("127.0.0.2", extensions);
        fixture = new RelayFixture(RelayFixture.config(
                server.port(), settings -> settings.with(s -> s.schedule = List.of(Duration.ofMillis(50)))));
        fixture.dns.mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
        server.close();
    }

    private static String number(String text) {
        Matcher matcher = NUMBER.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING,CHUNKING", "PIPELINING", "CHUNKING", ""})
    @DisplayName(
            "F7: behind messages that failed the next ones arrive once, with their own sender, recipient and content")
    void noMessageJoinsAnother(String extensions) throws IOException {
        start((extensions + "," + ScriptedSmtpServer.KEEPS_TRANSACTION).split(","));
        Set<String> delayed = ConcurrentHashMap.newKeySet();
        server.script((stage, line, connection) -> {
            if (stage == Stage.RCPT && Integer.parseInt(number(line)) % 3 == 0) {
                return "550 5.1.1 unknown user";
            }
            boolean fails = stage == Stage.END && Integer.parseInt(number(line)) % 5 == 1;
            return fails && delayed.add(number(line)) ? "452 4.3.1 disk full" : null;
        });

        Set<String> expected = new TreeSet<>();
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            String id = fixture.send(
                    "s" + i + "@example.org", "Subject: " + i + "\r\n\r\nbody\r\n", "r" + i + "@dest.test");
            if (i % 3 == 0) {
                refused.add(id);
            } else {
                expected.add(Integer.toString(i));
            }
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(fixture.queued()).isZero());
        assertThat(server.received()).allSatisfy(PipelinedTransactionsTest::isWhole);
        assertThat(server.received().stream().map(message -> number(message.text())))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(server.violations()).isEmpty();
        assertThat(refused).allSatisfy(id -> assertThat(fixture.status(id)).isEqualTo(Status.FAILED));
    }

    private static void isWhole(Received message) {
        assertThat(message.rcpts()).hasSize(1);
        assertThat(List.of(number(message.mail()), number(message.rcpts().get(0))))
                .as("%s", message)
                .containsOnly(number(message.text()));
    }
}
