package org.mailserv.server.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BareLineEndsTest {
    /** {@code |} is CRLF, {@code /} a bare LF, {@code ~} a bare CR. */
    @ParameterizedTest
    @CsvSource({
        "'', false",
        "a|b|, false",
        "|, false",
        "a, false",
        "a/b, true",
        "a~b, true",
        "a~|, true",
        "a~, true",
        "/, true"
    })
    void aBareCrOrLfIsFoundHoweverTheContentIsCut(String content, boolean found) {
        String octets = content.replace("|", "\r\n").replace('/', '\n').replace('~', '\r');
        for (int cut = 0; cut <= octets.length(); cut++) {
            BareLineEnds ends = new BareLineEnds();
            ends.look(Unpooled.copiedBuffer(octets.substring(0, cut), StandardCharsets.US_ASCII));
            ends.look(Unpooled.copiedBuffer(octets.substring(cut), StandardCharsets.US_ASCII));
            assertThat(ends.found()).isEqualTo(found);
        }
    }
}
