package org.mailserv.codec.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

class SmtpClientCodecTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new SmtpClientCodec());

    private String written() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf octets = channel.readOutbound(); octets != null; octets = channel.readOutbound()) {
            text.append(octets.toString(StandardCharsets.UTF_8));
            octets.release();
        }
        return text.toString();
    }

    @Test
    void commandsAreWrittenWithQuotesAndParameters() {
        channel.writeOutbound(
                new SmtpCommand.Ehlo("mail.example.org"),
                new SmtpCommand.Mail(ReversePath.NULL, EsmtpParameters.of(Map.of("SIZE", "12"))),
                new SmtpCommand.Mail(new ReversePath(new Address("john doe", "example.org")), EsmtpParameters.NONE),
                new SmtpCommand.Rcpt(new Address("jörg", "example.org"), EsmtpParameters.NONE),
                new SmtpCommand.Bdat(0, true),
                new SmtpCommand.Xclient(EsmtpParameters.of(Map.of("NAME", "a b"))));
        assertThat(written())
                .isEqualTo("EHLO mail.example.org\r\nMAIL FROM:<> SIZE=12\r\nMAIL FROM:<\"john doe\"@example.org>\r\n"
                        + "RCPT TO:<jörg@example.org>\r\nBDAT 0 LAST\r\nXCLIENT NAME=a+20b\r\n");
        channel.finishAndReleaseAll();
    }

    @Test
    void aLineEndInACommandFailsTheWrite() {
        assertThat(channel.write(new SmtpCommand.Ehlo("a\r\nRSET")).cause())
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(written()).isEmpty();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource({
        "'', .|",
        "a|, a|.|",
        "a, a|.|",
        ".|, ..|.|",
        ".a|.b|..|, ..a|..b|...|.|",
        "a/.|/b, a|..||b|.|",
        "a~, a|.|",
        // A sequence that a lenient server treats as a line end must not remain before a dot.
        "a~.~b, a|..|b|.|",
        "a~.|, a|..|.|",
        "a/.|b, a|..|b|.|",
        "a~~.|, a||..|.|",
        "~./, |..|.|",
    })
    void bodiesGetTheirDotsAndTheirEndHoweverTheyAreCut(String body, String expected) {
        byte[] octets = wire(body).getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= octets.length; cut++) {
            channel.writeOutbound(new SmtpCommand.Data());
            ByteBuf first = Unpooled.copiedBuffer(new byte[] {'.'}, octets).skipBytes(1);
            first.writerIndex(1 + cut);
            channel.writeOutbound(
                    new SmtpContent(first),
                    new LastSmtpContent(Unpooled.copiedBuffer(octets, cut, octets.length - cut), ContentResult.OK));
            assertThat(written()).isEqualTo("DATA\r\n" + wire(expected));
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void chunksGoAsTheyAre() {
        channel.writeOutbound(
                new SmtpCommand.Bdat(4, true),
                new LastSmtpContent(Unpooled.copiedBuffer(".\n.\n", StandardCharsets.US_ASCII), ContentResult.OK));
        assertThat(written()).isEqualTo("BDAT 4 LAST\r\n.\n.\n");
        channel.finishAndReleaseAll();
    }

    private static List<Object> read(String input) {
        byte[] octets = input.getBytes(StandardCharsets.UTF_8);
        List<Object> whole = readCut(octets, 0);
        for (int cut = 1; cut < octets.length; cut++) {
            assertThat(readCut(octets, cut)).isEqualTo(whole);
        }
        return whole;
    }

    private static List<Object> readCut(byte[] octets, int cut) {
        EmbeddedChannel channel = new EmbeddedChannel(new SmtpClientCodec(100, 3));
        channel.writeInbound(
                Unpooled.copiedBuffer(octets, 0, cut), Unpooled.copiedBuffer(octets, cut, octets.length - cut));
        List<Object> read = new ArrayList<>(channel.inboundMessages());
        channel.finishAndReleaseAll();
        return read;
    }

    @Test
    void repliesAreReadWhole() {
        assertThat(
                        read(
                                "220 mx ready\r\n250-mx\r\n250-SIZE 1\r\n250 HELP\r\n250\r\n250 2.1.5 ok\n550-5.1.1 no\r\n550 5.1.1\r\n"))
                .containsExactly(
                        SmtpReply.of(220, "mx ready"),
                        new SmtpReply(250, null, List.of("mx", "SIZE 1", "HELP")),
                        SmtpReply.of(250, ""),
                        SmtpReply.of(250, "2.1.5", "ok"),
                        new SmtpReply(550, new EnhancedStatus(5, 1, 1), List.of("no", "")));
    }

    @Test
    void aStatusOfAnotherClassIsText() {
        assertThat(read("450 5.1.1 odd\r\n")).containsExactly(SmtpReply.of(450, "5.1.1 odd"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n",
                "SSH-2.0-OpenSSH_9.7\r\n",
                "* OK IMAP4rev1\r\n",
                "+OK POP3\r\n",
                "600 x\r\n",
                "999\r\n"
            })
    void whatIsNoReplyIsOneFailureAndNothingComesAfterIt(String input) {
        assertThat(read(input + "250 ok\r\n")).hasSize(1).first().isInstanceOf(SmtpReplyFailure.class);
    }

    @ParameterizedTest
    @CsvSource({
        // The code of the last line decides.
        "250-queued|220 ready|, 220, 250 queued ready",
        "250-a|550 b|, 550, 250 a b",
        "550-5.1.1 no|450 4.2.0 later|, 450, 550 5.1.1 no later",
        // Lines without a code are text.
        "250-queued|and more|250 ready|, 250, queued and more ready",
        "hello|220 mx|, 220, hello mx",
        "250-a||250 b|, 250, a  b",
        "|250 ok|, 250, ' ok'",
        "250-a|25|250 b|, 250, a 25 b",
        "250-a|2500 octets|250 b|, 250, a 2500 octets b",
        "250-a|999 octets|250 b|, 250, a 999 octets b",
        "250-a|550_x|250 b|, 250, a 550_x b",
        "100-wait|199 wait|250 b|, 250, 100-wait 199 wait b",
        // Odd ends and odd characters.
        "250|, 250, ''",
        "250 |, 250, ''",
        "250\tok|, 250, ok",
        "250\t|, 250, ''",
        "250_ok|, 250, _ok",
        "250ok|, 250, ok",
        "250-a|250.b|, 250, a .b",
        "250 ok/, 250, ok",
        "250-a/250 b/, 250, a b",
        "250 ok~|, 250, ok",
        "250~|, 250, ''",
        "250 a~b|, 250, a?b",
        "250 a\0b\u00fc|, 250, a?b\u00fc",
    })
    void formFaultsDoNotHideTheCode(String input, int code, String text) {
        String octets = wire(input.replace("\\t", "\t").replace("\\0", "\0").replace("\\u00fc", "\u00fc"));
        List<Object> replies = read(octets + "354 next\r\n");
        assertThat(replies).hasSize(2);
        SmtpReply reply = (SmtpReply) replies.get(0);
        assertThat(reply.code()).isEqualTo(code);
        assertThat(String.join(" ", reply.lines())).isEqualTo(text);
        assertThat(replies.get(1)).isEqualTo(SmtpReply.of(354, "next"));
    }

    @Test
    void longLinesAreCutAndLongRepliesTooAndBothKeepTheirCode() {
        assertThat(read("250 " + "x".repeat(200) + "\r\n354 go\r\n"))
                .containsExactly(SmtpReply.of(250, "x".repeat(96)), SmtpReply.of(354, "go"));
        assertThat(read("250-" + "x".repeat(200) + "\r\n550 5.7.1 no\r\n"))
                .containsExactly(new SmtpReply(
                        550,
                        new EnhancedStatus(5, 7, 1),
                        List.of("250 " + "x".repeat(96), "no"),
                        SmtpReply.Form.MIXED_CODES));
        assertThat(read("250-a\r\n250-b\r\n250-c\r\n250-d\r\n550 e\r\n354 go\r\n"))
                .containsExactly(
                        new SmtpReply(550, null, List.of("250 a", "250 b", "250 c"), SmtpReply.Form.MIXED_CODES),
                        SmtpReply.of(354, "go"));
    }

    @Test
    void aReplyWithoutEndIsAFailure() {
        EmbeddedChannel babbling = new EmbeddedChannel(new SmtpClientCodec(100, 3));
        for (int i = 0; i <= 300; i++) {
            babbling.writeInbound(Unpooled.copiedBuffer("250-more\r\n", StandardCharsets.US_ASCII));
        }
        assertThat(babbling.<Object>readInbound()).isInstanceOf(SmtpReplyFailure.class);
        babbling.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource({
        "250 queued, 250",
        "250-queued, 250",
        "250-queued|, 250",
        "250, 250",
        "550-no|550-not, 550",
        "25, 0",
        "'', 0",
        "queued, 0"
    })
    void whatWasSaidBeforeTheConnectionClosedCounts(String input, int code) {
        EmbeddedChannel closing = new EmbeddedChannel(new SmtpClientCodec());
        closing.writeInbound(Unpooled.copiedBuffer(wire(input), StandardCharsets.US_ASCII));
        closing.finish();
        SmtpReply reply = closing.readInbound();
        assertThat(reply == null ? 0 : reply.code()).isEqualTo(code);
        closing.releaseInbound();
    }

    @Test
    void plainTextAfterTheReplyToStartTlsIsAFailure() {
        channel.writeOutbound(new SmtpCommand.StartTls());
        channel.writeInbound(Unpooled.copiedBuffer("220 go\r\n250 evil\r\n", StandardCharsets.US_ASCII));
        assertThat(channel.<Object>readInbound()).isInstanceOf(SmtpReplyFailure.class);
        assertThat(channel.<Object>readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    /** Returns the octets of a text: {@code |} is CRLF, {@code /} a bare LF, {@code ~} a bare CR. */
    private static String wire(String text) {
        return text.replace("|", "\r\n").replace('/', '\n').replace('~', '\r');
    }
}
