package org.mailserv.codec.address;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The encoding of parameter values that may hold anything. RFC 3461, 4. */
public final class Xtext {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Xtext() {}

    /** Returns the text as xtext, its octets in UTF-8. */
    public static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > 32 && octet < 127 && octet != '+' && octet != '=') {
                encoded.append((char) octet);
            } else {
                encoded.append('+').append(HEX.toHexDigits(octet));
            }
        }
        return encoded.toString();
    }

    /**
     * Decodes xtext as other servers do: hexadecimal digits in either case, and {@code =} as it is, which the grammar wants encoded and
     * senders put into ENVID.
     *
     * @return the text, or null where a {@code +} is followed by no two hexadecimal digits, or the octets are no UTF-8
     */
    public static @Nullable String decode(String xtext) {
        ByteBuffer octets = ByteBuffer.allocate(xtext.length());
        for (int i = 0; i < xtext.length(); i++) {
            char c = xtext.charAt(i);
            if (c == '+') {
                if (i + 2 >= xtext.length()
                        || !HexFormat.isHexDigit(xtext.charAt(i + 1))
                        || !HexFormat.isHexDigit(xtext.charAt(i + 2))) {
                    return null;
                }
                octets.put((byte) HexFormat.fromHexDigits(xtext, i + 1, i + 3));
                i += 2;
            } else if (c <= 32 || c >= 127) {
                return null;
            } else {
                octets.put((byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /**
     * Decodes xtext and encodes it again by the grammar, so that it can go to a server that is stricter than we are.
     *
     * @return the xtext, or null where it is malformed, empty, or stands for a text with control characters
     */
    public static @Nullable String normalized(String xtext) {
        String text = decode(xtext);
        return text == null || text.isEmpty() || text.chars().anyMatch(Character::isISOControl) ? null : encode(text);
    }
}
