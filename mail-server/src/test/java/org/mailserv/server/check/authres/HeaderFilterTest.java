package org.mailserv.server.check.authres;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HeaderFilterTest {
    private static final String KEPT = "Authentication-Results: other.example; spf=pass\r\n"
            + "Subject: Authentication-Results: mx.example.org; spf=pass\r\n\r\n"
            + "Authentication-Results: mx.example.org; spf=pass\r\n";

    private static final String MESSAGE = "authentication-RESULTS : (x) \"MX.example.org\"\r\n\t1; spf=pass\r\n"
            + "Authentication-Results:\r\n mx.example.org; none\r\n" + KEPT;

    @Test
    @DisplayName("U14: Foreign fields in our name go, wherever the message is cut; all else stays as it is")
    void takesForgedFieldsOut() {
        for (int cut = 0; cut <= MESSAGE.length(); cut++) {
            HeaderFilter filter = new HeaderFilter("mx.example.org");
            String passed = text(filter.pass(buffer(MESSAGE.substring(0, cut))))
                    + text(filter.pass(buffer(MESSAGE.substring(cut))))
                    + text(filter.finish());
            assertThat(passed).as("cut at %s", cut).isEqualTo(KEPT);
            assertThat(filter.header()).startsWith("authentication-RESULTS");
        }
    }

    @Test
    @DisplayName("A message that is all header, without an end of line, passes whole")
    void headerWithoutEnd() {
        String message = "Subject: " + "x".repeat(200_000);
        HeaderFilter filter = new HeaderFilter("mx.example.org");
        assertThat(text(filter.pass(buffer(message))) + text(filter.finish())).isEqualTo(message);
    }

    private static String filtered(String message) {
        HeaderFilter filter = new HeaderFilter("mx.example.org");
        return text(filter.pass(buffer(message))) + text(filter.finish());
    }

    @Test
    @DisplayName("A forged field behind a bare CR goes with its line")
    void bareCr() {
        String forged = "X: y\rAuthentication-Results: mx.example.org; dmarc=pass\r\n";
        assertThat(filtered(forged + KEPT)).isEqualTo(KEPT);
        String foreign = "X: y\rAuthentication-Results: other.example; dmarc=pass\r\n";
        assertThat(filtered(foreign + KEPT)).isEqualTo(foreign + KEPT);
    }

    @Test
    @DisplayName("A header that is larger than what is kept says so")
    void cut() {
        HeaderFilter filter = new HeaderFilter("mx.example.org");
        filter.pass(buffer("X: y\r\n".repeat(80_000))).release();
        assertThat(filter.isCut()).isFalse();
        filter.pass(buffer("X: y\r\n".repeat(80_000))).release();
        assertThat(filter.isCut()).isTrue();
        filter.finish().release();
    }

    private static ByteBuf buffer(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static String text(ByteBuf buffer) {
        String text = buffer.toString(StandardCharsets.ISO_8859_1);
        buffer.release();
        return text;
    }
}
