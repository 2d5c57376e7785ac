package org.mailserv.app.http.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/**
 * Codes of authenticator apps (TOTP, RFC 6238): six digits, 30 seconds, HMAC-SHA-1, the defaults of all apps. A code is accepted once, and one
 * step before and after its time. Thread-safe.
 */
final class OneTimeCodes {
    private static final long STEP_MILLIS = 30_000;
    private static final int MODULUS = 1_000_000;
    private static final int STEPS_OFF = 1;

    private final InstantSource clock;
    /** The step of the last accepted code, by person. */
    private final Map<String, Long> accepted = new HashMap<>();

    OneTimeCodes(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Accepts a code if it is right and newer than the last accepted one.
     *
     * @param person to whom the secret belongs
     * @param secret in Base32
     */
    synchronized boolean accept(String person, String secret, String code) {
        long now = clock.millis() / STEP_MILLIS;
        byte[] given = code.replace(" ", "").getBytes(StandardCharsets.UTF_8);
        for (long step = now - STEPS_OFF; step <= now + STEPS_OFF; step++) {
            byte[] right = code(secret, step).getBytes(StandardCharsets.UTF_8);
            if (MessageDigest.isEqual(right, given) && step > accepted.getOrDefault(person, Long.MIN_VALUE)) {
                accepted.put(person, step);
                return true;
            }
        }
        return false;
    }

    /** Returns the code of a step. RFC 4226, 5.3 */
    static String code(String secret, long step) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(new Base32().decode(secret), "HmacSHA1"));
            byte[] hash =
                    mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            int offset = hash[hash.length - 1] & 0xf;
            int number = ByteBuffer.wrap(hash, offset, Integer.BYTES).getInt() & Integer.MAX_VALUE;
            return String.format(Locale.ROOT, "%06d", number % MODULUS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA1", e);
        }
    }
}
