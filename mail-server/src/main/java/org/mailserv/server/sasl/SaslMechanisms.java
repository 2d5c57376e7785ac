package org.mailserv.server.sasl;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;

/**
 * SCRAM-SHA-256, PLAIN and LOGIN for the server's accounts. SCRAM is offered only if every account supports it,
 * because clients that prefer SCRAM never fall back.
 */
public final class SaslMechanisms implements Sasl {
    private final AccountStore accounts;

    public SaslMechanisms(AccountStore accounts) {
        this.accounts = accounts;
    }

    @Override
    public List<String> names(boolean plaintextAllowed, boolean bound) {
        List<String> names = new ArrayList<>();
        if (accounts.supportsScram()) {
            if (bound) {
                names.add("SCRAM-SHA-256-PLUS");
            }
            names.add("SCRAM-SHA-256");
        }
        if (plaintextAllowed) {
            names.add("PLAIN");
            names.add("LOGIN");
        }
        return names;
    }

    @Override
    public SaslExchange begin(String mechanism, @Nullable ChannelBinding binding) {
        return switch (mechanism) {
            case "PLAIN" -> new PlainExchange(accounts);
            case "LOGIN" -> new LoginExchange(accounts);
            case "SCRAM-SHA-256" -> new ScramExchange(accounts, binding, false);
            case "SCRAM-SHA-256-PLUS" -> new ScramExchange(accounts, binding, true);
            default -> throw new IllegalArgumentException("mechanism: " + mechanism);
        };
    }

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

    static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a login name with its domain. */
    static String qualified(AccountStore accounts, String name) {
        return name.indexOf('@') >= 0 ? name : name + "@" + accounts.primaryDomain();
    }
}
