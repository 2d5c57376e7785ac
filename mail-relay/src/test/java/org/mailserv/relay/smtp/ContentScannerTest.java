package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentScannerTest {
    private static final String ALPHABET = "\r\n.\tabc \u0000\u00e9";

    private static ContentFacts scan(byte[] octets, int step) {
        ContentScanner scanner = new ContentScanner();
        for (int at = 0; at < octets.length; at += step) {
            ByteBuffer piece = ByteBuffer.wrap(octets, at, Math.min(step, octets.length - at));
            int count = piece.remaining();
            assertThat(scanner.write(piece)).isEqualTo(count);
            assertThat(piece.hasRemaining()).isFalse();
        }
        return scanner.facts();
    }

    /** By the words of the contract, all at once. */
    private static ContentFacts simple(String text) {
        long longest = 0;
        boolean dot = false;
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean ended = i + 1 < lines.length;
            String line = ended && lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
            longest = Math.max(longest, line.length());
            dot |= line.startsWith(".");
        }
        String withoutEnds = text.replace("\r\n", "");
        return new ContentFacts(
                text.chars().anyMatch(c -> c > 127),
                text.indexOf(0) >= 0,
                withoutEnds.contains("\r") || withoutEnds.contains("\n"),
                dot,
                longest,
                text.isEmpty() || text.endsWith("\r\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "'a;', true",
        "'.;', false",
        "'a;.b;', false",
        "'a\n', false",
        "'a', false",
        "'a.b;', true",
        "'a\r', false"
    })
    @DisplayName("what DATA does not change is known")
    void tellsWhatPassesData(String text, boolean passes) {
        byte[] octets = text.replace(";", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(scan(octets, 1000).passesData()).isEqualTo(passes);
    }

    @Test
    @DisplayName("eight octets at a time find what one at a time finds, in pieces of any size")
    void findsTheSameInAnyPieces() {
        Random random = new Random(4711);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(60);
            int rare = 1 + random.nextInt(20);
            for (int i = 0; i < length; i++) {
                text.append(random.nextInt(rare) == 0 ? ALPHABET.charAt(random.nextInt(ALPHABET.length())) : 'x');
                if (random.nextInt(15) == 0) {
                    text.append("\r\n");
                }
            }
            byte[] octets = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            assertThat(scan(octets, 1 + random.nextInt(40))).as("%s", text).isEqualTo(simple(text.toString()));
        }
    }
}
