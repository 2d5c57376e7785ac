package org.mailserv.server.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Passwords that were correct lately, so that mail programs that log in every few minutes do not cost a slow hash each
 * time. An entry is a keyed hash of the stored password hash and the password: the key is random, exists only in this
 * process, and never leaves it. A changed password hash therefore has no entry. Wrong passwords are never cached.
 * Thread-safe.
 */
public final class PasswordCache {
    private final boolean enabled;
    private final Cache<String, Boolean> correct;
    private final byte[] secret = new byte[32];

    /**
     * @param size maximum number of entries, some 150 octets each; 0 disables the cache
     * @param time time after which a password is verified again, however often it was used meanwhile; zero disables
     *     the cache
     */
    public PasswordCache(int size, Duration time) {
        enabled = size > 0 && !time.isZero();
        correct = Caffeine.newBuilder().maximumSize(size).expireAfterWrite(time).build();
        new SecureRandom().nextBytes(secret);
    }

    /** Returns whether the password was verified against this stored hash, and neither time nor room ran out since. */
    boolean contains(String stored, String password) {
        return enabled && correct.getIfPresent(mac(stored, password)) != null;
    }

    /** Adds a password that was verified against a stored hash. */
    void add(String stored, String password) {
        if (enabled) {
            correct.put(mac(stored, password), true);
        }
    }

    /** Removes all entries. */
    void clear() {
        correct.invalidateAll();
    }

    /** Returns a value that depends on both texts and tells nothing about them without the secret of this process. */
    String mac(String stored, String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(stored.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return Base64.getEncoder().encodeToString(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
