package org.mailserv.server.account;

import java.security.GeneralSecurityException;
import java.text.Normalizer;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The steps from a password to the key from which others are derived. RFC 5802, 2.2; RFC 8265. */
final class ScramKeys {
    private ScramKeys() {}

    /** Returns the form of a password that is hashed. RFC 8265, 4.2 (OpaqueString). */
    static String composed(String password) {
        return Normalizer.normalize(password, Normalizer.Form.NFC);
    }

    /**
     * Returns the salted password, {@code Hi(password, salt, iterations)}. That is PBKDF2 with one block.
     *
     * @param mac the name of the keyed hash
     */
    static byte[] hi(String mac, byte[] password, byte[] salt, int iterations) throws GeneralSecurityException {
        byte[] first = Arrays.copyOf(salt, salt.length + 4);
        first[first.length - 1] = 1;
        Mac keyed = Mac.getInstance(mac);
        keyed.init(new SecretKeySpec(password.length == 0 ? new byte[1] : password, mac));
        byte[] u = keyed.doFinal(first);
        byte[] result = u.clone();
        for (int i = 1; i < iterations; i++) {
            u = keyed.doFinal(u);
            for (int j = 0; j < result.length; j++) {
                result[j] ^= u[j];
            }
        }
        return result;
    }
}
