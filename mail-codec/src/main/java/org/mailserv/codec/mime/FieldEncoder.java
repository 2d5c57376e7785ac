package org.mailserv.codec.mime;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.mailserv.codec.header.HeaderField;

/** Encodes header fields as 7-bit text with lines of limited length. RFC 2047; RFC 5322, 2.2.3. */
final class FieldEncoder {
    private static final int MAX_LINE = PartEncoder.MAX_LINE;
    private static final int WIDTH = 76;
    private static final Pattern BARE_CR = Pattern.compile("\r(?!\n)");

    private FieldEncoder() {}

    /**
     * Returns a field as 7-bit text. Octets above 127 become encoded words, bare CRs become blanks, and long lines are
     * folded.
     *
     * @return the whole field with its CRLF
     */
    static String encode(HeaderField field) {
        String raw = BARE_CR.matcher(field.raw()).replaceAll(" ");
        String text = raw.endsWith("\r\n") ? raw : raw.stripTrailing() + "\r\n";
        boolean eightBit = text.chars().anyMatch(c -> c > 126 || c == 0);
        if (eightBit) {
            text = encodedWords(new HeaderField(field.name(), text));
        }
        boolean tooLong = List.of(text.split("\r\n")).stream().anyMatch(line -> line.length() > MAX_LINE);
        return tooLong ? folded(text) : text;
    }

    private static String encodedWords(HeaderField field) {
        StringBuilder text = new StringBuilder(field.name()).append(':');
        for (String word : field.rawValue().strip().split("[ \t\r\n]+")) {
            text.append(text.length() - text.lastIndexOf("\n") + word.length() * 3 > WIDTH ? "\r\n " : " ");
            if (word.chars().anyMatch(c -> c > 126 || c == 0)) {
                appendEncoded(word, text);
            } else {
                text.append(word);
            }
        }
        return text.append("\r\n").toString();
    }

    private static void appendEncoded(String word, StringBuilder text) {
        String charset = isUtf8(word) ? "utf-8" : "unknown-8bit";
        for (int from = 0; from < word.length(); from += 15) {
            text.append(from == 0 ? "" : "\r\n ").append("=?").append(charset).append("?Q?");
            for (char c :
                    word.substring(from, Math.min(word.length(), from + 15)).toCharArray()) {
                boolean safe = c < 127 && (Character.isLetterOrDigit(c) || c == '-' || c == '.');
                text.append(safe ? String.valueOf(c) : String.format("=%02X", (int) c));
            }
            text.append("?=");
        }
    }

    private static boolean isUtf8(String octets) {
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        return !new String(bytes, StandardCharsets.UTF_8).contains("\ufffd");
    }

    private static String folded(String text) {
        StringBuilder folded = new StringBuilder();
        int column = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (column > WIDTH && (c == ' ' || c == '\t')) {
                folded.append("\r\n");
                column = 0;
            } else if (column >= MAX_LINE - 20 && c != '\r' && c != '\n') {
                folded.append("\r\n ");
                column = 1;
            }
            folded.append(c);
            column = c == '\n' ? 0 : column + 1;
        }
        return folded.toString();
    }
}
