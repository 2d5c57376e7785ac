package org.mailserv.server.sasl;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;

/** Base64, UTF-8 and login names in the challenges and responses of all mechanisms. RFC 4954, 4. */
final class SaslText {
    private SaslText() {}

    /** Decodes a response. Returns null if it is not base64 without line ends and with correct padding. RFC 4648, 4. */
    static byte @Nullable [] decode(String response) {
        try {
            return response.length() % 4 == 0 ? Base64.getDecoder().decode(response) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Decodes a response as text. Returns null if it is not UTF-8 in base64. */
    static @Nullable String decodeText(String response) {
        byte[] octets = decode(response);
        try {
            return octets == null
                    ? null
                    : StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(octets))
                            .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Encodes a text in UTF-8 and base64. */
    static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a login name with its domain. */
    static String qualified(AccountStore accounts, String name) {
        return name.indexOf('@') >= 0 ? name : name + "@" + accounts.primaryDomain();
    }
}
