package org.mailserv.codec.address;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Conversion from and to xtext, the encoding of ESMTP parameter values that may contain any character. RFC 3461, 4. */
public final class Xtext {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Xtext() {}

    /** Returns the UTF-8 octets of a text as xtext. */
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
     * Decodes xtext as leniently as other servers do: hexadecimal digits in either case, and an unencoded {@code =},
     * which senders put into ENVID although the grammar requires it to be encoded.
     *
     * @return the text, or null if a {@code +} is not followed by two hexadecimal digits or the octets are not valid
     *     UTF-8
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
     * Decodes xtext and encodes it in conformance to the grammar, so that stricter servers accept it.
     *
     * @return the xtext, or null if it is malformed, empty, or encodes control characters
     */
    public static @Nullable String normalized(String xtext) {
        String text = decode(xtext);
        return text == null || text.isEmpty() || text.chars().anyMatch(Character::isISOControl) ? null : encode(text);
    }
}
