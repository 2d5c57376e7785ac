package org.mailserv.server.check.milter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.CheckChain;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.MessageChecks.Disposition;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.milter.MilterConfig.Messages;
import org.mailserv.server.check.milter.MilterConfig.OnFailure;
import org.mailserv.server.net.EventLoops;

@Timeout(30)
class MilterChecksTest {
    private static final EventLoops LOOPS = new EventLoops(EventLoops.Transport.AUTO, 1);
    private static final String MESSAGE =
            "From: a@b.test\r\nSubject: one\r\n two\r\nX-Old: 1\r\nX-Old: 2\r\n\r\nbody \u00e4\r\n";

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    private static MilterConfig config(String address, OnFailure onFailure) {
        Duration time = Duration.ofMillis(500);
        return new MilterConfig(address, Messages.ALL, onFailure, time, time, time, 1, false);
    }

    private static CheckChain checks(MilterConfig... filters) {
        return CheckChain.of(new MilterCheck("mx.test", List.of(filters), true, LOOPS));
    }

    private record Passed(Verdict verdict, String text) {}

    private static Passed pass(CheckChain checks, String message, int step) throws Exception {
        MessageChecks.Facts facts = new MessageChecks.Facts(
                InetAddress.getByName("192.0.2.7"),
                "client.test",
                new ReversePath(new Address("a", "b.test")),
                false,
                "queueid",
                List.of(new Address("kim", "sample.org")),
                null,
                null,
                null,
                null);
        MessageChecks.Inspection inspection = checks.begin(facts);
        assertThat(inspection).isNotNull();
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < message.length(); at += step) {
            ByteBuf piece = Unpooled.copiedBuffer(
                    message.substring(at, Math.min(message.length(), at + step)), StandardCharsets.ISO_8859_1);
            inspection.feed(piece);
            add(text, inspection.filter(piece));
            inspection.ready().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        add(text, inspection.rest());
        Verdict verdict = inspection.finish("").toCompletableFuture().get(10, TimeUnit.SECONDS);
        return new Passed(verdict, verdict.head() + text);
    }

    private static void add(StringBuilder text, ByteBuf piece) {
        text.append(piece.toString(StandardCharsets.ISO_8859_1));
        piece.release();
    }

    private static Passed pass(Map<Character, List<String>> answers, OnFailure onFailure) throws Exception {
        try (FakeMilter milter = new FakeMilter(answers)) {
            return pass(checks(config("inet:127.0.0.1:" + milter.port(), onFailure)), MESSAGE, 1000);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "7", "1000"})
    @DisplayName("U2: a filter sees client, envelope, header and body in their order, however the message is cut")
    void showsEverything(int step) throws Exception {
        try (FakeMilter milter = new FakeMilter(Map.of())) {
            Passed passed = pass(checks(config("inet:127.0.0.1:" + milter.port(), OnFailure.REJECT)), MESSAGE, step);
            assertThat(passed.verdict().refusal()).isNull();
            assertThat(passed.text()).isEqualTo(MESSAGE);
            assertThat(milter.seen.stream().filter(line -> !line.startsWith("D")))
                    .containsExactly(
                            "C[192.0.2.7]|4||" + "|192.0.2.7|".substring(1),
                            "Hclient.test|",
                            "M<a@b.test>|",
                            "R<kim@sample.org>|",
                            "T",
                            "LFrom|a@b.test|",
                            "LSubject|one\n two|",
                            "LX-Old|1|",
                            "LX-Old|2|",
                            "N",
                            "Bbody \u00e4\r\n",
                            "E");
            assertThat(milter.seen).anyMatch(line -> line.startsWith("DC") && line.contains("|mx.test|"));
            assertThat(milter.seen).anyMatch(line -> line.startsWith("DM") && line.contains("i|queueid|"));
        }
    }

    @Test
    @DisplayName("U2: fields are added, inserted, changed and deleted, and none brings a line of its own")
    void changesTheHeader() throws Exception {
        Passed passed = pass(
                Map.of(
                        'E',
                        List.of(
                                "hX-Last\0yes\0",
                                "i\0\0\0\0X-First\0a\nb\r\n\nBcc: c\0",
                                "m\0\0\0\2X-Old\0three\0",
                                "m\0\0\0\1Subject\0\0",
                                "hBad Name\0x\0",
                                "c")),
                OnFailure.REJECT);
        assertThat(passed.text())
                .isEqualTo("X-First: a\r\n\tb\r\n\tBcc: c\r\nFrom: a@b.test\r\nX-Old: 1\r\nX-Old: three\r\n"
                        + "X-Last: yes\r\n\r\nbody \u00e4\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "M, r, 550 5.7.1",
        "M, t, 451 4.7.1",
        "R, r, 550 5.7.1",
        "E, 'y554 5.7.0 Virus found', 554 5.7.0 Virus found",
        "B, 'y452 busy', 452 4.7.1 busy",
        "L, 'y99', 550 5.7.1 Command rejected",
        "C, 'y421 4.3.2 Going down', 421 4.3.2 Going down",
        "H, 4, 421 4.7.1",
        "C, f, 421 4.7.1",
        "T, 'y554 5.7.0 no', 554 5.7.0 no",
        "N, t, 451 4.7.1"
    })
    @DisplayName("U2: a refusal is said in the filter's words")
    void refuses(char command, String answer, String reply) throws Exception {
        Passed passed = pass(Map.of(command, List.of(answer + (answer.startsWith("y") ? "\0" : ""))), OnFailure.ACCEPT);
        assertThat(String.valueOf(passed.verdict().refusal())).startsWith(reply);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "450-4.7.1 one|450-4.7.1 two|450 4.7.1 three # 450 # 4.7.1 # one/two/three",
                "451-4.3.0 one|451 4.3.0 two # 451 # 4.3.0 # one/two",
                "554-5.6.0 one|554-5.6.0 |554 5.6.0 three # 554 # 5.6.0 # one//three",
                "550-one|550 two # 550 # 5.7.1 # one/two",
                "450-4.7.1 one|450-two|450 4.7.1 # 450 # 4.7.1 # one/two/",
                "550 5.7.1 100%% of this, 50%% of that # 550 # 5.7.1 # 100% of this, 50% of that",
                "450 5.2.1 the class does not fit # 450 # 4.2.1 # the class does not fit",
                "550 4.2.1 the class does not fit # 550 # 5.2.1 # the class does not fit",
                "421 4.7.0 close # 421 # 4.7.0 # close",
                "452 # 452 # 4.7.1 # Rejected",
                "550 5.7.1 # 550 # 5.7.1 # Rejected",
                "550 5.7.1 a\u00e4\u0007b # 550 # 5.7.1 # a??b",
                "550 1.2.3.4 is no status # 550 # 5.7.1 # 1.2.3.4 is no status",
                "250 2.0.0 fine # 550 # 5.7.1 # Command rejected",
                "354 go on # 550 # 5.7.1 # Command rejected",
                "600 x # 550 # 5.7.1 # Command rejected",
                "45 x # 550 # 5.7.1 # Command rejected",
                "garbage # 550 # 5.7.1 # Command rejected"
            })
    @DisplayName("U2: code, status and all lines are those of smfi_setmlreply; what is no refusal refuses")
    void readsReplies(String text, int code, String status, String lines) {
        SmtpReply reply = MilterReply.parse(text.replace("|", "\r\n"));
        assertThat(reply.code()).isEqualTo(code);
        assertThat(reply.status()).hasToString(status);
        assertThat(String.join("/", reply.lines())).isEqualTo(lines);
        assertThat(MilterReply.parse(text.replace("|", "\n"))).isEqualTo(reply);
    }

    @Test
    void aReplyWithoutEndIsBounded() {
        assertThat(MilterReply.parse("550-x\r\n".repeat(1000)).lines()).hasSizeLessThanOrEqualTo(32);
        assertThat(MilterReply.parse("550 " + "x".repeat(5000)).lines().get(0)).hasSizeLessThan(500);
        assertThat(MilterReply.parse("").code()).isEqualTo(550);
    }

    private static MessageChecks.Facts envelope() throws Exception {
        return new MessageChecks.Facts(
                InetAddress.getByName("192.0.2.7"), "client.test", new ReversePath(new Address("a", "b.test")), false);
    }

    @ParameterizedTest
    @CsvSource({
        "R, r, 550 5.7.1, 550 5.7.1",
        "R, 'y450-4.2.0 one|450 4.2.0 two', 450 4.2.0 one two, 450 4.2.0",
        "M, 'y451 4.3.0 not you', 451 4.3.0 not you, 451 4.3.0 not you",
        "R, 'y421 4.3.2 bye', 421 4.3.2 bye, 421 4.3.2 bye",
        "C, r, 550 5.7.1, 550 5.7.1",
        "R, c, null, null",
        "R, a, null, null",
        "H, a, null, null",
        "R, d, null, null"
    })
    @DisplayName("U2: a recipient that a filter refuses is refused, and the message goes to the others")
    void asksAboutEachRecipient(char command, String answer, String first, String second) throws Exception {
        try (FakeMilter milter = new FakeMilter(Map.of(command, List.of(answer.replace("|", "\r\n"))))) {
            CheckChain checks = checks(config("inet:127.0.0.1:" + milter.port(), OnFailure.REJECT));
            MessageChecks.EnvelopeInspection envelope = checks.beginEnvelope(envelope());
            assertThat(envelope).isNotNull();
            assertThat(String.valueOf(ask(envelope, "kim"))).startsWith(first);
            assertThat(String.valueOf(ask(envelope, "doug"))).startsWith(second);
            MessageChecks.Inspection content = checks.begin(envelope(), envelope);
            assertThat(content).isNotNull();
            Verdict verdict = content.finish("").toCompletableFuture().get(10, TimeUnit.SECONDS);
            boolean ofRecipient = command == 'R' && !first.startsWith("421");
            assertThat(verdict.refusal() == null).isEqualTo(ofRecipient || first.equals("null"));
            assertThat(verdict.disposition()).isEqualTo(answer.equals("d") ? Disposition.DISCARD : Disposition.DELIVER);
        }
    }

    private static SmtpReply ask(MessageChecks.EnvelopeInspection envelope, String name) throws Exception {
        return envelope.recipient(new Address(name, "sample.org"))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"ACCEPT, null", "TEMPFAIL, 451 4.7.1", "REJECT, 550 5.7.1"})
    @DisplayName("U2: a filter that is silent about a recipient fails open or closed, as configured, in time")
    void failsAtARecipient(OnFailure onFailure, String reply) throws Exception {
        try (FakeMilter milter = new FakeMilter(Map.of('R', List.of()))) {
            CheckChain checks = checks(config("inet:127.0.0.1:" + milter.port(), onFailure));
            MessageChecks.EnvelopeInspection envelope = checks.beginEnvelope(envelope());
            assertThat(envelope).isNotNull();
            assertThat(String.valueOf(ask(envelope, "kim"))).startsWith(reply);
            assertThat(String.valueOf(ask(envelope, "doug"))).startsWith(reply);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bother",
                "+<x@y.test>\0",
                "-<kim@sample.org>\0",
                "e<x@y.test>\0",
                "2<x@y.test>\0",
                "hNoValue",
                "Z"
            })
    @DisplayName("U2: what was not offered to a filter is not left undone: its message was not filtered")
    void refusesWhatItCannotDo(String action) throws Exception {
        assertThat(String.valueOf(pass(Map.of('E', List.of(action, "c")), OnFailure.TEMPFAIL)
                        .verdict()
                        .refusal()))
                .startsWith("451 4.7.1");
    }

    @Test
    @DisplayName("U2: a filter that has seen enough of one thing still sees the others")
    void skipsWhatItWasAskedTo() throws Exception {
        try (FakeMilter milter =
                new FakeMilter(Map.of('O', List.of("O\0\0\0\6\0\0\0\21\0\0\4\0"), 'L', List.of("s")))) {
            pass(checks(config("inet:127.0.0.1:" + milter.port(), OnFailure.REJECT)), MESSAGE, 1000);
            assertThat(milter.seen.stream().filter(line -> line.startsWith("L")))
                    .hasSize(1);
            assertThat(milter.seen).contains("Bbody \u00e4\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"X-Spam, Yes, JUNK", "x-spam-flag, YES, JUNK", "X-Spam, No, DELIVER", "X-Spam-Status, Yes, DELIVER"})
    @DisplayName("U2: mail that a filter marks as spam goes to the Junk folder")
    void deliversMarkedMailAsJunk(String field, String value, MessageChecks.Disposition disposition) throws Exception {
        assertThat(pass(Map.of('E', List.of("h" + field + "\0" + value + "\0", "c")), OnFailure.REJECT)
                        .verdict()
                        .disposition())
                .isEqualTo(disposition);
    }

    @Test
    @DisplayName("U2: a message is held or thrown away when a filter says so, and taken when it has seen enough")
    void disposes() throws Exception {
        assertThat(pass(Map.of('E', List.of("qsuspicious\0", "c")), OnFailure.REJECT)
                        .verdict()
                        .disposition())
                .isEqualTo(Disposition.HOLD);
        assertThat(pass(Map.of('E', List.of("d")), OnFailure.REJECT).verdict().disposition())
                .isEqualTo(Disposition.DISCARD);
        assertThat(pass(Map.of('C', List.of("a"), 'H', List.of()), OnFailure.REJECT)
                        .verdict()
                        .refusal())
                .isNull();
        assertThat(pass(Map.of('E', List.of("p", "p", "c")), OnFailure.REJECT)
                        .verdict()
                        .refusal())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"ACCEPT, null", "TEMPFAIL, 451 4.7.1", "REJECT, 550 5.7.1"})
    @DisplayName(
            "U2: a filter that is silent, talks nonsense or is not there fails open or closed, as configured, in time")
    void fails(OnFailure onFailure, String reply) throws Exception {
        for (Map<Character, List<String>> answers : List.<Map<Character, List<String>>>of(
                Map.of('M', List.of()), Map.of('E', List.of()), Map.of('H', List.of("Z")))) {
            assertThat(String.valueOf(pass(answers, onFailure).verdict().refusal()))
                    .startsWith(reply);
        }
        int unused;
        try (FakeMilter gone = new FakeMilter(Map.of())) {
            unused = gone.port();
        }
        assertThat(String.valueOf(pass(checks(config("inet:127.0.0.1:" + unused, onFailure)), MESSAGE, 10)
                        .verdict()
                        .refusal()))
                .startsWith(reply);
        assertThat(String.valueOf(pass(checks(config("unix:/nowhere/socket", onFailure)), MESSAGE, 10)
                        .verdict()
                        .refusal()))
                .startsWith(reply);
    }

    @Test
    @DisplayName("U2: a header above the bound gets fields above it, and is not changed; a large body passes, bounded")
    void bounds() throws Exception {
        String large = "X-Large: " + "y".repeat(70_000) + "\r\n" + MESSAGE
                + "z".repeat(998).repeat(2000);
        try (FakeMilter milter = new FakeMilter(Map.of('E', List.of("hX-Last\0yes\0", "c")))) {
            Passed passed = pass(checks(config("inet:127.0.0.1:" + milter.port(), OnFailure.REJECT)), large, 8192);
            assertThat(passed.verdict().refusal()).isNull();
            assertThat(passed.text().equals(large)).isTrue();
            assertThat(passed.verdict().fields()).isEqualTo("X-Last: yes\r\n");
        }
        try (FakeMilter milter = new FakeMilter(Map.of('E', List.of("m\0\0\0\1Subject\0spam\0", "c")))) {
            Passed passed = pass(checks(config("inet:127.0.0.1:" + milter.port(), OnFailure.TEMPFAIL)), large, 8192);
            assertThat(String.valueOf(passed.verdict().refusal())).startsWith("451 4.7.1");
        }
    }

    @Test
    @DisplayName("U2: connections are bounded: a message waits for one, and one connection may serve many")
    void sharesConnections() throws Exception {
        try (FakeMilter milter = new FakeMilter(Map.of())) {
            Duration time = Duration.ofSeconds(5);
            CheckChain checks = checks(new MilterConfig(
                    "inet:127.0.0.1:" + milter.port(), Messages.ALL, OnFailure.REJECT, time, time, time, 1, true));
            for (int i = 0; i < 5; i++) {
                assertThat(pass(checks, MESSAGE, 100).verdict().refusal()).isNull();
            }
            assertThat(milter.connections).hasValue(1);
        }
    }

    @Test
    @DisplayName("U2: a message that has no connection in time is treated as the setting says")
    void waitsForAConnectionForABoundedTime() throws Exception {
        try (FakeMilter milter = new FakeMilter(Map.of('E', List.of()))) {
            Duration end = Duration.ofSeconds(5);
            Duration time = Duration.ofMillis(300);
            CheckChain checks = checks(new MilterConfig(
                    "inet:127.0.0.1:" + milter.port(), Messages.ALL, OnFailure.TEMPFAIL, time, time, end, 1, false));
            MessageChecks.Inspection first = checks.begin(
                    new MessageChecks.Facts(InetAddress.getByName("192.0.2.7"), "x", ReversePath.NULL, false));
            assertThat(first).isNotNull();
            first.finish("");
            assertThat(String.valueOf(pass(checks, MESSAGE, 100).verdict().refusal()))
                    .startsWith("451 4.7.1");
            first.cancel();
            assertThat(milter.connections).hasValue(1);
        }
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        assertThatThrownBy(() -> config("localhost:11332", OnFailure.ACCEPT))
                .hasMessage("address: localhost:11332 (expected: inet:HOST:PORT or unix:/PATH)");
    }
}
