package org.mailserv.codec.mime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SevenBitConverterTest {
    private boolean sealed;
    private boolean signed;

    private String convert(String message, int piece) {
        byte[] octets = message.getBytes(StandardCharsets.UTF_8);
        SevenBitConverter converter = new SevenBitConverter();
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < octets.length; i += piece) {
            converter.feed(Unpooled.wrappedBuffer(octets, i, Math.min(piece, octets.length - i)), out);
        }
        converter.end(out);
        sealed = converter.isSealed();
        signed = converter.isSigned();
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private String convert(String message) {
        String whole = convert(message, Integer.MAX_VALUE / 2);
        for (int piece : new int[] {1, 2, 3, 7, 50}) {
            assertThat(convert(message, piece)).isEqualTo(whole);
        }
        if (sealed) {
            return whole;
        }
        assertThat(whole.chars().allMatch(c -> c > 0 && c < 127)).isTrue();
        assertThat(whole.split("\r\n")).allMatch(line -> line.length() <= 998);
        return whole;
    }

    @Test
    @DisplayName("W5: 8-bit text becomes quoted-printable and is labelled so")
    void text() {
        assertThat(convert("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße = gut \r\n.dot\r\n"))
                .isEqualTo("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        + "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =3D gut=20\r\n.dot\r\n");
    }

    @Test
    @DisplayName("W5: undeclared 8-bit text is labelled unknown-8bit (RFC 1428)")
    void undeclared() {
        assertThat(convert("Subject: Gr\u00fc\u00dfe an alle\r\n\r\n\u00fc\r\n"))
                .isEqualTo("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alle\r\nMIME-Version: 1.0\r\n"
                        + "Content-Type: text/plain; charset=unknown-8bit\r\n"
                        + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n");
    }

    @Test
    @DisplayName("W5: each part is encoded separately, including nested parts and messages within messages")
    void parts() {
        String message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\npreamble \u00fc\r\n--b 1\r\n"
                + "Content-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n\r\n\u00fc\r\n--b2\r\n"
                + "Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\u00ff\r\nx\r\n--b2--\r\n"
                + "--b 1\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + "Subject: inner\r\nContent-Type: text/html\r\n\r\n<\u00fc>\r\n--b 1\r\n"
                + "Content-Transfer-Encoding: base64\r\nContent-Type: image/x\r\n\r\nAAAA\r\n--b 1--\r\nepilogue\r\n";
        assertThat(convert(message))
                .isEqualTo(
                        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\n"
                                + "preamble ??\r\n--b 1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n"
                                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC=\r\n--b2\r\n"
                                + "Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\nw78NCng=\r\n--b2--\r\n"
                                + "--b 1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/html\r\n"
                                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n<=C3=BC>=\r\n--b 1\r\n"
                                + "Content-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b 1--\r\nepilogue\r\n");
        assertThat(sealed).isFalse();
    }

    @Test
    @DisplayName("M13: long lines are shortened in every encoding")
    void longLines() {
        assertThat(convert("Subject: x\r\n\r\n" + "a".repeat(3000) + "\r\n")).contains("=\r\n");
        assertThat(convert(
                        "Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n\r\n" + "AAAA".repeat(500) + "\r\n"))
                .doesNotContain("A".repeat(77));
        assertThat(convert("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + "=41b".repeat(500) + "\r\n"))
                .contains("=41b=41b")
                .doesNotContain("=\r\n41")
                .doesNotContain("=4\r\n");
        assertThat(convert("Subject: " + "word ".repeat(500) + "\r\n\r\n\u00fc\r\n"))
                .contains("word\r\n word");
    }

    @Test
    @DisplayName("W5: parts that conversion would break are reported")
    void sealedParts() {
        convert("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b--\r\n");
        assertThat(sealed).isTrue();
        convert("Content-Type: message/partial; id=x\r\n\r\n\u00fc\r\n");
        assertThat(sealed).isTrue();
        convert("DKIM-Signature: v=1\r\nSubject: x\r\n\r\n\u00fc\r\n");
        assertThat(sealed).isFalse();
        assertThat(signed).isTrue();
    }

    @Test
    void aSignedPartThatIsFitStaysAsItIs() {
        String part = "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n"
                + "Content-Transfer-Encoding: 7bit\r\n\r\na = b \r\n\r\n--s\r\n\r\nsignature\r\n--s--\r\n\r\n";
        String text = convert("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b\r\n" + part
                + "\r\n--b--\r\n");
        assertThat(text).contains(part + "\r\n--b--\r\n").contains("=C3=BC");
        assertThat(sealed).isFalse();
    }

    @Test
    void noBareCrOrLfComesOut() {
        String header = "Subject: a\rb\r\nX: c\r\r\n d\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        String text = convert(header + "pre\r.\ramble\n--b\r\n\r\na\r.\rb\nc\r\n--b\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\nx\r.\r\r\n--b\r\n"
                + "Content-Type: message/delivery-status\r\n\r\nA: b\rc\r\n--b\r\n"
                + "Content-Type: message/rfc822\r\n\r\nSubject: in\rner\r\n\r\nz\r\n--b--\r\nepi\rlogue\r");
        assertThat(text.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
        assertThat(text)
                .contains("Subject: a b\r\n")
                .contains("pre . amble\r\n")
                .contains("a=0D.=0Db\r\nc=\r\n")
                .contains("x=0D.=0D")
                .contains("A: b c\r\n")
                .contains("Subject: in ner\r\n");
    }

    @Test
    void anEncodingThatIsNotKnownStaysTrue() {
        String message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                + "Content-Type: application/x\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n--b\r\n"
                + "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n";
        assertThat(convert(message))
                .contains("x-uuencode\r\n\r\nbegin 644 a\r\n--b")
                .contains("base64\r\n\r\nAAAA\r\n--b--");
    }

    @Test
    void neverFailsOnRandomOctets() {
        Random random = new Random(7);
        String[] words = {
            "--b",
            "--b--",
            "\r\n",
            "\n",
            "\r",
            "Content-Type: multipart/mixed; boundary=b\r\n",
            "\u00fc",
            ":",
            " ",
            "Content-Transfer-Encoding: base64\r\n",
            "Content-Type: message/rfc822\r\n",
            "=",
            "\0"
        };
        for (int run = 0; run < 2000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(words[random.nextInt(words.length)]);
            }
            convert(text.toString(), 1 + random.nextInt(30));
        }
    }
}
