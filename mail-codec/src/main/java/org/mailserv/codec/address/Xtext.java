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

    /** The text as xtext, its octets in UTF-8. */
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

    /** The text that an xtext stands for, or null where it is malformed. */
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
            } else if (c <= 32 || c == '=' || c >= 127) {
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
}
