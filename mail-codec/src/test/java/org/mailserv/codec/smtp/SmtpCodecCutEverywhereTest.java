package org.mailserv.codec.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmtpCodecCutEverywhereTest {
    private static final SmtpServerLimits PLAIN = SmtpServerLimits.defaults();
    private static final SmtpServerLimits STRICT = new SmtpServerLimits(2048, 12288, 1000, true, 1000, true);

    private interface Check {
        void on(RecordingSession session);
    }

    /**
     * Runs the check with the input whole, octet by octet, and split everywhere, with immediate and with late
     * replies.
     */
    private static void everyWay(SmtpServerLimits limits, String input, Check check) {
        byte[] octets = input.getBytes(StandardCharsets.ISO_8859_1);
        for (boolean late : new boolean[] {false, true}) {
            for (int cut = 0; cut < octets.length; cut++) {
                run(limits, octets, cut, octets.length, late, check);
            }
            run(limits, octets, 1, 1, late, check);
        }
    }

    private static void run(SmtpServerLimits limits, byte[] octets, int first, int step, boolean late, Check check) {
        RecordingSession session = new RecordingSession(late);
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpServerCodec(limits), session);
        int from = 0;
        int to = first;
        while (from < octets.length) {
            channel.writeInbound(Unpooled.copiedBuffer(octets, from, to - from));
            channel.runPendingTasks();
            from = to;
            to = Math.min(octets.length, to + step);
        }
        for (int i = 0; i < 10; i++) {
            channel.runPendingTasks();
        }
        channel.finishAndReleaseAll();
        check.on(session);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("M1: only CRLF.CRLF ends a body")
    @CsvSource({
        "a\\n.\\n, a|.|",
        "a\\n.\\r\\n, a|.|",
        "a\\r\\n.\\n, a||",
        "a\\r.\\r, a\\r.\\r",
        "a\\r.\\r\\n, a\\r.|",
        "a\\r\\n.\\r, a|\\r",
        "a\\r\\r\\n.\\n, a\\r||",
        "a\\r\\r\\n..\\r\\n, a\\r|.|",
        "a\\r\\n\\r.\\r\\n, a|\\r.|",
        "a\\r\\n.\\r\\r\\n, a|\\r|",
        "a\\r\\n.\\0\\r\\n, a|\\0|",
        "a\\r\\n\\0.\\r\\n, a|\\0.|",
        "a\\r\\n..\\r\\n, a|.|",
        "a\\r\\n.x\\r\\n, a|x|",
        "a\\n\\n.\\n\\n, a||.||",
        "a\\r\\n.\\t\\r\\n, a|\\t|",
    })
    void smuggling(String vector, String expected) {
        String body = unescape(vector);
        String input = "DATA\r\n" + body + "MAIL FROM:<evil@example.org>\r\nDATA\r\n.\r\nNOOP\r\n";
        String stored = unescape(expected.replace("|", "\r\n")) + "MAIL FROM:<evil@example.org>\r\nDATA\r\n";
        everyWay(PLAIN, input, session -> {
            assertThat(session.body.toString()).isEqualTo(stored);
            assertThat(session.commands).containsExactly("DATA", "NOOP");
            assertThat(session.results).containsExactly(ContentResult.OK);
        });
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("A CR before CRLF.CRLF is content and does not hide the end")
    @CsvSource({"a\\r\\r\\n", "\\r\\r\\n", "a\\r\\r\\r\\r\\n", "a\\n\\r\\r\\n", "a\\r\\n\\r\\r\\n"})
    void crBeforeTheEnd(String text) {
        everyWay(PLAIN, "DATA\r\n" + unescape(text) + ".\r\nNOOP\r\n", session -> {
            assertThat(session.body.toString()).isEqualTo(unescape(text).replaceAll("(?<!\r)\n", "\r\n"));
            assertThat(session.commands).containsExactly("DATA", "NOOP");
            assertThat(session.results).containsExactly(ContentResult.OK);
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"a\\nb\\r\\n", "a\\rb\\r\\n", "a\\r\\r\\n", "\\n", "a\\r\\nb\\r\\r\\n"})
    void bareLineEndsAreRefusedByChoiceAtTheTrueEnd(String vector) {
        everyWay(STRICT, "DATA\r\n" + unescape(vector) + "\r\n.\r\nNOOP\r\n", session -> {
            assertThat(session.results).containsExactly(ContentResult.BARE_CR_OR_LF);
            assertThat(session.commands).containsExactly("DATA", "NOOP");
        });
    }

    @Test
    void bodiesMayBeEmpty() {
        everyWay(PLAIN, "DATA\r\n.\r\nQUIT\r\n", session -> {
            assertThat(session.body.toString()).isEmpty();
            assertThat(session.commands).containsExactly("DATA", "QUIT");
        });
    }

    @Test
    void tooBigIsReportedAtTheTrueEndAndTheRestIsDropped() {
        String body = "x".repeat(78) + "\r\n";
        everyWay(STRICT, "DATA\r\n" + body.repeat(13) + ".\r\nNOOP\r\n", session -> {
            assertThat(session.results).containsExactly(ContentResult.TOO_BIG);
            assertThat(session.body.length()).isLessThanOrEqualTo(1000);
            assertThat(session.commands).containsExactly("DATA", "NOOP");
        });
    }

    @Test
    void bdatTakesItsOctetsWhateverTheySpell() {
        String chunk = "QUIT\r\n.\r\nMAIL FROM:<e@x>\r\n";
        String input = "BDAT " + chunk.length() + "\r\n" + chunk + "BDAT 0 LAST\r\nBDAT 3 LAST\r\n.\r\nNOOP\r\n";
        everyWay(PLAIN, input, session -> {
            assertThat(session.commands).containsExactly("BDAT", "BDAT", "BDAT", "NOOP");
            assertThat(session.body.toString()).isEqualTo(chunk + ".\r\n");
            assertThat(session.results).hasSize(3);
        });
    }

    @ParameterizedTest
    @CsvSource({"BDAT", "BDAT x", "BDAT -1", "BDAT 5 FIRST", "BDAT 99999999999999999999", "BDAT 1 LAST x"})
    void nothingIsReadBehindAnUnreadableChunkSize(String line) {
        everyWay(
                PLAIN,
                line + "\r\nMAIL FROM:<e@x>\r\n",
                session -> assertThat(session.commands).containsExactly("BDAT 521"));
    }

    @Test
    @DisplayName("Plaintext after STARTTLS ends the session")
    void plainTextBehindStartTls() {
        RecordingSession session = new RecordingSession(false);
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpServerCodec(PLAIN), session);
        channel.writeInbound(Unpooled.copiedBuffer("STARTTLS\r\nMAIL FROM:<e@x>\r\n", StandardCharsets.US_ASCII));
        channel.finishAndReleaseAll();
        assertThat(session.commands).containsExactly("STARTTLS 501");
    }

    @Test
    void authLinesAreNoCommands() {
        everyWay(
                PLAIN,
                "AUTH LOGIN\r\nQUIT\r\nQUIT\r\n",
                session -> assertThat(session.commands).containsExactly("AUTH", "AUTH", "QUIT"));
    }

    @Test
    void badLinesGetAReplyAndTheNextLineIsRead() {
        everyWay(
                PLAIN,
                "NOOP\nQUIT\r\nNO\rOP\r\n\r\nNOOP\0\r\n\u00ff\u00fe\r\nRSET x\r\nNOOP\r\n",
                session -> assertThat(session.commands)
                        .containsExactly("? 500", "QUIT", "? 500", "? 500", "? 500", "? 500", "RSET 501", "NOOP"));
    }

    @Test
    void longLinesAreDiscardedToTheirTrueEnd() {
        SmtpServerLimits small = new SmtpServerLimits(32, 64, 1000, false, 1000, false);
        everyWay(
                small,
                "NOOP " + "x".repeat(100) + "\nQUIT\r\nRSET\r\n",
                session -> assertThat(session.commands.get(session.commands.size() - 1))
                        .isEqualTo("RSET"));
        everyWay(
                small,
                "NOOP " + "x".repeat(100) + "\r\nRSET\r\n",
                session -> assertThat(session.commands).isEqualTo(List.of("? 500", "RSET")));
    }

    @Test
    void readingStopsWhileTooMuchWaitsForAReply() {
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpServerCodec(PLAIN));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[70_000]));
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.writeOutbound(SmtpReply.of(220, "ready"));
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    private static String unescape(String text) {
        return text.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\0", "\0")
                .replace("\\t", "\t");
    }
}
