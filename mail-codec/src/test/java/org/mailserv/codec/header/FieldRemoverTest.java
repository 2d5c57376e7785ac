package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldRemoverTest {
    private static String pass(String text, int step) {
        FieldRemover remover = new FieldRemover(Set.of("bcc", "resent-bcc"));
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < text.length(); at += step) {
            String piece = text.substring(at, Math.min(text.length(), at + step));
            add(out, remover.pass(Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1)));
        }
        add(out, remover.finish());
        return out.toString();
    }

    private static void add(StringBuilder out, ByteBuf piece) {
        out.append(piece.toString(StandardCharsets.ISO_8859_1));
        piece.release();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "A field is removed with all its lines, ignoring case, and nothing else is, wherever the input is split")
    @CsvSource(
            delimiter = '#',
            value = {
                "To: a|Bcc: b@c|Subject: x||Bcc: body| # To: a|Subject: x||Bcc: body|",
                "BCC: b,|~c,|~d|To: a||x| # To: a||x|",
                "To: a|bcc : b|~~c|| # To: a||",
                "Bcc:||x| # |x|",
                "Resent-Bcc: b|Resent-To: a|Bcc-x: y|xBcc: z|To: Bcc: q|| # Resent-To: a|Bcc-x: y|xBcc: z|To: Bcc: q||",
                "To: a,|~Bcc: b|| # To: a,|~Bcc: b||",
                "From x Sat 08:00|Bcc: b|To: a|| # From x Sat 08:00|To: a||",
                "no field|Bcc: b|x|| # no field|x||",
                "Bcc: b # ''",
                "To: a # To: a",
                "Bc # Bc",
                "|Bcc: body| # |Bcc: body|"
            })
    void removes(String text, String expected) {
        for (String end : new String[] {"\r\n", "\n"}) {
            String input = text.strip().replace("|", end).replace('~', '\t');
            String output = expected.equals("''")
                    ? ""
                    : expected.strip().replace("|", end).replace('~', '\t');
            for (int step = 1; step <= input.length(); step++) {
                assertThat(pass(input, step)).as("pieces of %d", step).isEqualTo(output);
            }
        }
    }
}
