package org.mailserv.codec.header;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decodes encoded words anywhere in a text, as mail readers do. RFC 2047, 2. */
final class EncodedWords {
    private static final Pattern WORD = Pattern.compile("=\\?([^?\\s]{1,60}+)\\?([bBqQ])\\?([^?]*+)\\?=");

    private EncodedWords() {}

    static String decode(String text) {
        if (!text.contains("=?")) {
            return text;
        }
        // RFC 2047, 6.2: blanks between encoded words are not displayed.
        return WORD.matcher(text.replaceAll("\\?=\\s+=\\?", "?==?"))
                .replaceAll(match -> Matcher.quoteReplacement(decode(match.group(1), match.group(2), match.group(3))));
    }

    private static String decode(String charset, String encoding, String text) {
        byte[] octets;
        try {
            octets = encoding.equalsIgnoreCase("b")
                    ? Base64.getMimeDecoder().decode(text)
                    : quoted(text).toByteArray();
        } catch (IllegalArgumentException e) {
            return text;
        }
        return new String(octets, charset(charset));
    }

    private static Charset charset(String name) {
        int language = name.indexOf('*');
        try {
            return Charset.forName(language < 0 ? name : name.substring(0, language));
        } catch (IllegalArgumentException e) {
            return StandardCharsets.ISO_8859_1;
        }
    }

    private static ByteArrayOutputStream quoted(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = hex(text, i + 1);
            int low = hex(text, i + 2);
            if (c == '=' && high >= 0 && low >= 0) {
                octets.write(high << 4 | low);
                i += 2;
            } else {
                octets.write(c == '_' ? ' ' : c);
            }
        }
        return octets;
    }

    private static int hex(String text, int at) {
        return at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
    }
}
