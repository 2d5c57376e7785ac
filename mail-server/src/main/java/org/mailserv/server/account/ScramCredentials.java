package org.mailserv.server.account;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The stored credentials for SCRAM-SHA-256. They suffice to verify a client but not to log in as one.
 *
 * @param iterations iteration count of the hash
 * @param salt salt of the account
 * @param storedKey verifies the client's proof
 * @param serverKey authenticates the server to the client
 * @param usable false for a login that cannot succeed but looks the same until its end
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5802#section-3">RFC 5802, 3</a>
 */
public record ScramCredentials(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey, boolean usable) {
    private static final String HMAC = "HmacSHA256";

    /** Parses {@code {SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey}. Returns null if it is invalid. */
    static @Nullable ScramCredentials read(String stored) {
        String[] parts = stored.substring(stored.indexOf('}') + 1).split(",");
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            return new ScramCredentials(
                    Integer.parseInt(parts[0]),
                    base64.decode(parts[1]),
                    base64.decode(parts[2]),
                    base64.decode(parts[3]),
                    true);
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return null;
        }
    }

    /** Derives credentials from a password. Slow by design; must not run on an event loop. */
    public static ScramCredentials derive(String password, byte[] salt, int iterations) {
        try {
            byte[] salted =
                    ScramKeys.hi(HMAC, ScramKeys.composed(password).getBytes(StandardCharsets.UTF_8), salt, iterations);
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
            return new ScramCredentials(iterations, salt, storedKey, hmac(salted, "Server Key"), true);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** Returns the credentials in the format of the users file. */
    String stored() {
        Base64.Encoder base64 = Base64.getEncoder();
        return "{SCRAM-SHA-256}" + iterations + "," + base64.encodeToString(salt) + ","
                + base64.encodeToString(storedKey) + "," + base64.encodeToString(serverKey);
    }

    /** Returns a copy for a login that must fail. */
    public ScramCredentials unusable() {
        return new ScramCredentials(iterations, salt, storedKey, serverKey, false);
    }

    /**
     * Verifies a client's proof.
     *
     * @return the server's signature for the client, or null if the proof is wrong
     */
    public byte @Nullable [] verify(String authMessage, byte[] proof) {
        try {
            byte[] signature = hmac(storedKey, authMessage);
            if (proof.length != signature.length) {
                return null;
            }
            byte[] clientKey = new byte[proof.length];
            for (int i = 0; i < proof.length; i++) {
                clientKey[i] = (byte) (proof[i] ^ signature[i]);
            }
            byte[] hashed = MessageDigest.getInstance("SHA-256").digest(clientKey);
            return MessageDigest.isEqual(hashed, storedKey) && usable ? hmac(serverKey, authMessage) : null;
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "ScramCredentials[]";
    }
}
