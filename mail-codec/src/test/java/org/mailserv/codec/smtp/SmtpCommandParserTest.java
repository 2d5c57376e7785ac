package org.mailserv.codec.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

class SmtpCommandParserTest {
    private static SmtpCommand parse(String line) {
        return SmtpCommandParser.parse(Unpooled.copiedBuffer(line, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HELO|501 5.5.4 Usage: HELO hostname",
                "EHLO|501 5.5.4 Usage: EHLO hostname",
                "MAIL|501 5.5.4 Usage: MAIL FROM:<address>",
                "MAIL FROM:|501 5.5.4 Usage: MAIL FROM:<address>",
                "MAIL TO:<a@b>|501 5.5.4 Usage: MAIL FROM:<address>",
                "RCPT|501 5.5.4 Usage: RCPT TO:<address>",
                "RCPT TO:|501 5.5.4 Usage: RCPT TO:<address>",
                "DATA now|501 5.5.4 No arguments allowed",
                "RSET x|501 5.5.4 No arguments allowed",
                "QUIT x|501 5.5.4 No arguments allowed",
                "VRFY|501 5.5.4 Usage: VRFY mailbox",
                "AUTH|501 5.5.4 Usage: AUTH mechanism [initial-response]"
            })
    @DisplayName("F5: commands with missing or wrong arguments get 501 and their usage")
    void wrongArgumentsGetTheUsage(String line, String reply) {
        assertThat(((SmtpCommand.Malformed) parse(line)).reply().toString()).isEqualTo(reply);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MAIL FROM:<joe@blow.com>",
                "MAIL FROM: <joe@blow.com>",
                "MAIL FROM: joe@blow.com",
                "mail from:joe@blow.com",
                "Mail From : <joe@blow.com> ",
                "MAIL FROM:<@one.example,@two.example:joe@blow.com>"
            })
    @DisplayName("F5, W4: accepts a blank after the colon, missing brackets and source routes")
    void takesTheVariationsOfMail(String line) {
        assertThat(parse(line))
                .isEqualTo(new SmtpCommand.Mail(new ReversePath(new Address("joe", "blow.com")), EsmtpParameters.NONE));
    }

    @Test
    void readsParameters() {
        SmtpCommand.Mail mail = (SmtpCommand.Mail) parse("MAIL FROM:<> size=10 BODY=8BITMIME SMTPUTF8");
        assertThat(mail.path()).isEqualTo(ReversePath.NULL);
        assertThat(mail.parameters())
                .isEqualTo(EsmtpParameters.of(Map.of("SIZE", "10", "BODY", "8BITMIME", "SMTPUTF8", "")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL FROM:<a@b.c> =x", "MAIL FROM:<a@b.c> SIZE=", "MAIL FROM:<a@b.c> SIZE=1 SIZE=2"})
    void malformedParametersGet501(String line) {
        assertThat(((SmtpCommand.Malformed) parse(line)).reply().code()).isEqualTo(501);
    }

    @ParameterizedTest
    @CsvSource({"SEND", "SOML", "SAML", "TURN"})
    @DisplayName("F6: obsolete commands are recognized")
    void knowsObsoleteCommands(String verb) {
        assertThat(parse(verb + " FROM:<a@b>")).isEqualTo(new SmtpCommand.Obsolete(verb));
    }

    @Test
    void keepsUnknownVerbsPrintable() {
        assertThat(parse("GET\u0007 / HTTP/1.1")).isInstanceOf(SmtpCommand.Unknown.class);
        assertThat(parse("X\u00e9")).isEqualTo(new SmtpCommand.Unknown("X?"));
    }

    @Test
    void refusesWhatIsNeitherAsciiNorUtf8() {
        byte[] line = {'N', 'O', 'O', 'P', ' ', (byte) 0xE9};
        assertThat(SmtpCommandParser.parse(Unpooled.wrappedBuffer(line))).isInstanceOf(SmtpCommand.Malformed.class);
        assertThat(parse("NOOP \0")).isInstanceOf(SmtpCommand.Malformed.class);
    }

    @Test
    void hidesSecrets() {
        assertThat(parse("AUTH PLAIN c2VjcmV0").toString()).doesNotContain("c2VjcmV0");
    }
}
