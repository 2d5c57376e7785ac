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
                "HTTP/1.1 400\r\n",
                "250-a\r\n550 b\r\n",
                "199 x\r\n",
                "25\r\n",
                "250_x\r\n",
                "2\r50 x\r\n",
                "\r\n"
            })
    void nonsenseIsOneFailureAndNothingComesBehindIt(String input) {
        assertThat(read(input + "250 ok\r\n")).hasSize(1).first().isInstanceOf(SmtpReplyFailure.class);
    }

    @Test
    void repliesWithoutEndAreFailures() {
        assertThat(read("250-a\r\n250-b\r\n250-c\r\n250-d\r\n")).hasOnlyElementsOfType(SmtpReplyFailure.class);
        assertThat(read("250 " + "x".repeat(200) + "\r\n")).hasOnlyElementsOfType(SmtpReplyFailure.class);
    }

    @Test
    void plainTextBehindTheReplyToStartTlsIsAFailure() {
        channel.writeOutbound(new SmtpCommand.StartTls());
        channel.writeInbound(Unpooled.copiedBuffer("220 go\r\n250 evil\r\n", StandardCharsets.US_ASCII));
        assertThat(channel.<Object>readInbound()).isInstanceOf(SmtpReplyFailure.class);
        assertThat(channel.<Object>readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    /** {@code |} is CRLF, {@code /} a bare LF, {@code ~} a bare CR. */
    private static String wire(String text) {
        return text.replace("|", "\r\n").replace('/', '\n').replace('~', '\r');
    }
}
