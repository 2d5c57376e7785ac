package org.mailserv.codec.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the framer with an octet-by-octet implementation of the same rules. */
class DataFramerTest {
    private static final SmtpServerLimits BARE = new SmtpServerLimits(2048, 12288, 1 << 20, false, 1 << 20, true);
    private static final SmtpServerLimits LONG = new SmtpServerLimits(2048, 12288, 20, true, 1 << 20, false);

    private record Framed(String content, ContentResult result, int consumed) {}

    /** Implements RFC 5321, 4.1.1.4, 4.5.2 and 4.5.3.1.6 octet by octet. */
    private static Framed slowly(String input, SmtpServerLimits limits) {
        StringBuilder content = new StringBuilder();
        ContentResult result = ContentResult.OK;
        boolean lineStart = true;
        int line = 0;
        int crs = 0;
        for (int i = 0; i < input.length(); i++) {
            char c = input.charAt(i);
            if (lineStart && c == '.') {
                String rest = input.substring(i + 1);
                if (rest.startsWith("\r\n")) {
                    return new Framed(content.toString(), result, i + 3);
                } else if (rest.isEmpty() || rest.equals("\r")) {
                    return new Framed(content.toString(), ContentResult.ABORTED, i);
                }
                lineStart = false;
                crs = 0;
                continue;
            }
            line++;
            boolean bare = c == '\n' ? crs != 1 : crs > 0;
            if (bare && limits.refuseBareLineEnds()) {
                result = ContentResult.BARE_CR_OR_LF;
            }
            if (c == '\n') {
                content.append(crs == 0 ? "\r\n" : "\n");
                lineStart = crs > 0;
                if (limits.refuseLongLines() && line > limits.textLine()) {
                    result = ContentResult.LINE_TOO_LONG;
                }
                line = 0;
                crs = 0;
            } else {
                content.append(c);
                lineStart = false;
                crs = c == '\r' ? crs + 1 : 0;
            }
        }
        return new Framed(content.toString(), ContentResult.ABORTED, input.length());
    }

    private static Framed framed(String input, SmtpServerLimits limits, Random cuts, boolean direct) {
        DataFramer framer = new DataFramer(limits);
        framer.begin();
        ByteBuf in = direct ? Unpooled.directBuffer() : Unpooled.buffer();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ContentResult result = ContentResult.ABORTED;
        int given = 0;
        while (given < input.length() && result == ContentResult.ABORTED) {
            int step = Math.min(input.length() - given, cuts == null ? input.length() : 1 + cuts.nextInt(40));
            for (int i = 0; i < step; i++) {
                in.writeByte(input.charAt(given++));
            }
            List<Object> out = new ArrayList<>();
            framer.frame(in, out);
            for (Object each : out) {
                SmtpContent piece = (SmtpContent) each;
                byte[] octets = new byte[piece.content().readableBytes()];
                piece.content().readBytes(octets);
                content.writeBytes(octets);
                if (piece instanceof LastSmtpContent last) {
                    result = last.result();
                }
                piece.release();
            }
        }
        int consumed = given - in.readableBytes();
        in.release();
        return new Framed(content.toString(StandardCharsets.ISO_8859_1), result, consumed);
    }

    private static String random(Random random) {
        StringBuilder text = new StringBuilder();
        String[] parts = {
            "\r\n", "\r\n.", "\r\n..", "\r", "\n", ".", "a", "abcdefgh", "the quick brown fox jumps", "\u00ff\u0080"
        };
        int count = random.nextInt(30);
        // Most inputs consist of whole lines, so that the fast path is exercised.
        boolean clean = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            int part = random.nextInt(clean ? 8 : parts.length);
            text.append(parts[clean && (part == 3 || part == 4) ? 8 : part]);
        }
        return text.append(random.nextInt(10) == 0 ? "" : "\r\n.\r\nNOOP\r\n").toString();
    }

    @ParameterizedTest(name = "refusing bare line ends: {0}")
    @DisplayName("M1: content, result and end follow the rules, wherever the input is split")
    @ValueSource(booleans = {true, false})
    void isAsTheRulesSay(boolean bare) {
        SmtpServerLimits limits = bare ? BARE : LONG;
        Random random = new Random(bare ? 1 : 2);
        for (int i = 0; i < 3_000; i++) {
            String input = random(random);
            Framed expected = slowly(input, limits);
            assertThat(framed(input, limits, null, true)).as("%s", input).isEqualTo(expected);
            assertThat(framed(input, limits, random, false)).as("%s", input).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("CR and LF are found at every position within two eight-octet words")
    void everyPlace() {
        for (int at = 0; at < 20; at++) {
            for (String end : new String[] {"\r\n.\r\n", "\n.\r\n\r\n.\r\n", "\r\r\n.\r\n\r\n.\r\n", "\rx\r\n.\r\n"}) {
                // 0x8D and 0x8A differ from CR and LF in the highest bit only, 0x0C and 0x0B in the lowest.
                for (String filler : new String[] {"a", "\u008d", "\u008a", "\f", "\u000b", "\0"}) {
                    String input = filler.repeat(at) + end;
                    assertThat(framed(input, BARE, null, true))
                            .as("%d %s", at, input)
                            .isEqualTo(slowly(input, BARE));
                }
            }
        }
    }
}
