package org.mailserv.codec.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpServerCodecTest {
    private static final SmtpReply OK = SmtpReplies.R250_OK;

    private final StringBuilder body = new StringBuilder();
    private final List<ContentResult> results = new ArrayList<>();

    private static EmbeddedChannel greeted(SmtpServerLimits limits) {
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpServerCodec(limits));
        reply(channel, SmtpReply.of(220, "test"));
        return channel;
    }

    private static EmbeddedChannel greeted() {
        return greeted(SmtpServerLimits.defaults());
    }

    private static void reply(EmbeddedChannel channel, SmtpReply reply) {
        channel.writeOutbound(reply);
        channel.releaseOutbound();
    }

    private static void feed(EmbeddedChannel channel, String octets, int pieceLength) {
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length; at += pieceLength) {
            int length = Math.min(pieceLength, bytes.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, length));
        }
    }

    /** Reads content up to the next command. Returns true if the body has ended. */
    private boolean readBody(EmbeddedChannel channel) {
        Object message;
        while ((message = channel.readInbound()) != null) {
            SmtpContent content = (SmtpContent) message;
            body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            content.release();
            if (content instanceof LastSmtpContent last) {
                results.add(last.result());
                return true;
            }
        }
        return false;
    }

    private EmbeddedChannel inData(SmtpServerLimits limits) {
        EmbeddedChannel channel = greeted(limits);
        feed(channel, "DATA\r\n", 100);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Data.class);
        reply(channel, SmtpReplies.R354_SEND_MESSAGE);
        return channel;
    }

    @Test
    void givesNothingBeforeTheGreeting() {
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpServerCodec(SmtpServerLimits.defaults()));
        feed(channel, "EHLO early\r\n", 100);
        assertThat((Object) channel.readInbound()).isNull();
        assertThat(channel.pipeline().get(SmtpServerCodec.class).hasBufferedInput())
                .isTrue();
        reply(channel, SmtpReply.of(220, "test"));
        assertThat((Object) channel.readInbound()).isEqualTo(new SmtpCommand.Ehlo("early"));
        channel.finishAndReleaseAll();
    }

    @Test
    void givesOneCommandAtATime() {
        EmbeddedChannel channel = greeted();
        feed(channel, "NOOP\r\nRSET\r\nQUIT\r\n", 100);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        assertThat((Object) channel.readInbound()).isNull();
        reply(channel, OK);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Rset.class);
        reply(channel, OK);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Quit.class);
        assertThat(channel.finish()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 11, 1000})
    @DisplayName("M6: dot-stuffing is removed and the final dot is not part of the body, wherever the input is split")
    void undoesDots(int pieceLength) {
        EmbeddedChannel channel = inData(SmtpServerLimits.defaults());
        feed(channel, "..a\r\n.b\r\n...\r\nc.\r\n..\r\n.\r\nNOOP\r\n", pieceLength);
        assertThat(readBody(channel)).isTrue();
        assertThat(body).hasToString(".a\r\nb\r\n..\r\nc.\r\n.\r\n");
        assertThat(results).containsExactly(ContentResult.OK);
        reply(channel, OK);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void takesAnEmptyBody() {
        EmbeddedChannel channel = inData(SmtpServerLimits.defaults());
        feed(channel, ".\r\n", 1);
        assertThat(readBody(channel)).isTrue();
        assertThat(body.toString()).isEmpty();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n.\n",
                "\r\n.\n",
                "\n.\r\n",
                "\r.\r",
                "\r\n\r.\r\n",
                "\r\n.\r\r\n",
                "\r\r\n.\n",
                "\r\r\n.\r\r\n",
                "\r\r.\r\n",
                "\r\r\n\r.\r\n",
                "\r\r\n..\r\n",
                "\r\n.\0\r\n",
                "\r.\r\n",
                "\n.\r",
                "\r\n\0.\r\n"
            })
    void nothingButTheTrueEndEndsABody(String vector) {
        for (int pieceLength = 1; pieceLength < 12; pieceLength++) {
            body.setLength(0);
            results.clear();
            EmbeddedChannel channel = inData(SmtpServerLimits.defaults());
            feed(channel, "text" + vector + "MAIL FROM:<evil@example.com>\r\n", pieceLength);
            assertThat(readBody(channel)).as("pieces of %d", pieceLength).isFalse();
            feed(channel, "\r\n.\r\n", pieceLength);
            assertThat(readBody(channel)).isTrue();
            assertThat(body.toString()).contains("MAIL FROM:<evil@example.com>").doesNotContain("[^\r]\n");
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest(name = "{0} CR before CRLF.CRLF")
    @DisplayName("A CR before CRLF.CRLF is content and does not hide the end, wherever the input is split")
    @ValueSource(ints = {1, 2, 3, 9})
    void aBareCrBeforeTheEndDoesNotHideIt(int more) {
        String text = "x" + "\r".repeat(more) + "\r\n";
        for (int pieceLength = 1; pieceLength < 16; pieceLength++) {
            for (boolean strict : new boolean[] {false, true}) {
                body.setLength(0);
                results.clear();
                EmbeddedChannel channel = inData(new SmtpServerLimits(512, 512, 1000, false, 1000, strict));
                feed(channel, text + "..y" + text + ".\r\nNOOP\r\n", pieceLength);
                assertThat(readBody(channel)).as("pieces of %d", pieceLength).isTrue();
                assertThat(body).hasToString(text + ".y" + text);
                assertThat(results).containsExactly(strict ? ContentResult.BARE_CR_OR_LF : ContentResult.OK);
                reply(channel, OK);
                assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
                channel.finishAndReleaseAll();
            }
        }
    }

    @Test
    void aBareLineFeedBecomesCrLf() {
        EmbeddedChannel channel = inData(SmtpServerLimits.defaults());
        feed(channel, "a\nb\n\nc\r\n.\r\n", 100);
        assertThat(readBody(channel)).isTrue();
        assertThat(body).hasToString("a\r\nb\r\n\r\nc\r\n");
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb\r\n", "a\rb\r\n", "a\r\r\n", "\n", "a\r\nb\rc\r\n"})
    void aBareLineEndIsRefusedByChoice(String text) {
        for (int pieceLength = 1; pieceLength < 8; pieceLength++) {
            results.clear();
            EmbeddedChannel channel = inData(new SmtpServerLimits(512, 512, 1000, false, 1000, true));
            feed(channel, text + "\r\n.\r\n", pieceLength);
            assertThat(readBody(channel)).isTrue();
            assertThat(results).as("pieces of %d", pieceLength).containsExactly(ContentResult.BARE_CR_OR_LF);
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 1000})
    void aCleanBodyPassesTheStrictChoice(int pieceLength) {
        EmbeddedChannel channel = inData(new SmtpServerLimits(512, 512, 1000, true, 1000, true));
        feed(channel, "a\r\n\r\n..b\r\n.\r\n", pieceLength);
        assertThat(readBody(channel)).isTrue();
        assertThat(results).containsExactly(ContentResult.OK);
        channel.finishAndReleaseAll();
    }

    @Test
    void aBodyThatIsTooBigIsReadToItsEnd() {
        EmbeddedChannel channel = inData(new SmtpServerLimits(512, 512, 1000, false, 10, false));
        feed(channel, "0123456789abc\r\nRSET\r\n.\r\nNOOP\r\n", 4);
        assertThat(readBody(channel)).isTrue();
        assertThat(results).containsExactly(ContentResult.TOO_BIG);
        assertThat(body.length()).isLessThanOrEqualTo(10);
        reply(channel, SmtpReplies.R552_TOO_BIG);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void aLongLineIsNotedByChoice() {
        EmbeddedChannel channel = inData(new SmtpServerLimits(512, 512, 20, true, 1000, false));
        feed(channel, "x".repeat(19) + "\r\n.\r\n", 7);
        assertThat(readBody(channel)).isTrue();
        assertThat(results).containsExactly(ContentResult.LINE_TOO_LONG);
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void aChunkIsConsumedAlsoWhenItSpellsCommands(int pieceLength) {
        EmbeddedChannel channel = greeted();
        String octets = "QUIT\r\nMAIL FROM:<evil@x>";
        feed(channel, "BDAT " + octets.length() + " LAST\r\n" + octets + "NOOP\r\n", pieceLength);
        assertThat((Object) channel.readInbound()).isEqualTo(new SmtpCommand.Bdat(octets.length(), true));
        assertThat(readBody(channel)).isTrue();
        assertThat(body).hasToString(octets);
        reply(channel, SmtpReplies.R503_MAIL_FIRST);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void anEmptyLastChunkEndsTheMessage() {
        EmbeddedChannel channel = greeted();
        feed(channel, "BDAT 0 LAST\r\n", 100);
        assertThat((Object) channel.readInbound()).isEqualTo(new SmtpCommand.Bdat(0, true));
        assertThat(readBody(channel)).isTrue();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BDAT", "BDAT x", "BDAT -1", "BDAT 99999999999999999999", "BDAT 1 LAST x", "BDAT 1 FIRST"})
    void anUnreadableChunkSizeEndsTheSession(String line) {
        EmbeddedChannel channel = greeted();
        feed(channel, line + "\r\nNOOP\r\n", 100);
        SmtpCommand.Malformed malformed = channel.readInbound();
        assertThat(malformed.reply().code()).isEqualTo(521);
        reply(channel, malformed.reply());
        assertThat((Object) channel.readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    @Test
    void plainTextBehindStartTlsIsNoCommand() {
        EmbeddedChannel channel = greeted();
        feed(channel, "STARTTLS\r\nRSET\r\n", 100);
        SmtpCommand.Malformed malformed = channel.readInbound();
        assertThat(malformed.reply().code()).isEqualTo(501);
        reply(channel, malformed.reply());
        assertThat((Object) channel.readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    @Test
    void readsAuthLinesOnlyWhenAsked() {
        EmbeddedChannel channel = greeted();
        feed(channel, "AUTH PLAIN\r\nAGpvZQBwdw==\r\nNOOP\r\n", 100);
        assertThat((Object) channel.readInbound()).isEqualTo(new SmtpCommand.Auth("PLAIN", null));
        reply(channel, SmtpReply.of(334, ""));
        assertThat((Object) channel.readInbound()).isEqualTo(new SmtpCommand.AuthResponse("AGpvZQBwdw=="));
        reply(channel, SmtpReplies.R235_AUTHENTICATED);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void aLineThatIsTooLongIsReadToItsEndAndRefused() {
        EmbeddedChannel channel = greeted(new SmtpServerLimits(512, 512, 1000, false, 1000, false));
        feed(channel, "NOOP " + "x".repeat(5000) + "\r\nRSET\r\n", 100);
        SmtpCommand.Malformed malformed = channel.readInbound();
        assertThat(malformed.reply()).isEqualTo(SmtpReplies.R500_LINE_TOO_LONG);
        reply(channel, malformed.reply());
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Rset.class);
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP\n", "NO\rOP\r\n", "NOOP\r\r\n"})
    void aBareCrOrLfIsNoCommand(String line) {
        EmbeddedChannel channel = greeted();
        feed(channel, line + "RSET\r\n", 100);
        SmtpCommand.Malformed malformed = channel.readInbound();
        assertThat(malformed.reply()).isEqualTo(SmtpReplies.R500_BARE_CR_OR_LF);
        reply(channel, malformed.reply());
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Rset.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void stopsReadingWhileTooMuchWaits() {
        EmbeddedChannel channel = greeted();
        feed(channel, "NOOP\r\n", 100);
        assertThat((Object) channel.readInbound()).isInstanceOf(SmtpCommand.Noop.class);
        feed(channel, "NOOP\r\n".repeat(20_000), 4096);
        assertThat(channel.config().isAutoRead()).isFalse();
        reply(channel, OK);
        while (channel.readInbound() != null) {
            reply(channel, OK);
        }
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void holdsContentBackWhilePaused() {
        EmbeddedChannel channel = inData(SmtpServerLimits.defaults());
        SmtpServerCodec codec = channel.pipeline().get(SmtpServerCodec.class);
        codec.pause(true);
        feed(channel, "text\r\n.\r\n", 100);
        assertThat((Object) channel.readInbound()).isNull();
        codec.pause(false);
        assertThat(readBody(channel)).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    @DisplayName("F6: multi-line replies carry the status on each line and stay within 512 octets per line")
    void writesReplies() {
        EmbeddedChannel channel = greeted();
        channel.writeOutbound(new SmtpReply(250, null, List.of("one", "two")));
        channel.writeOutbound(SmtpReply.of(550, "5.1.1", "x".repeat(600)));
        assertThat(readOutbound(channel)).isEqualTo("250-one\r\n250 two\r\n");
        assertThat(readOutbound(channel))
                .hasSize(512)
                .startsWith("550 5.1.1 xx")
                .endsWith("x\r\n");
        channel.finishAndReleaseAll();
    }

    private static String readOutbound(EmbeddedChannel channel) {
        io.netty.buffer.ByteBuf octets = channel.readOutbound();
        String text = octets.toString(StandardCharsets.ISO_8859_1);
        octets.release();
        return text;
    }
}
