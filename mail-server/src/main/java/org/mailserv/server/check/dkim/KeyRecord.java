package org.mailserv.server.check.dkim;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.DnsAnswer;

/** Public keys in the DNS, as the tags of their records, and what they verify. RFC 6376, 3.6.1; RFC 8463. */
final class KeyRecord {
    private static final int LEAST_RSA_BITS = 1024;
    private static final byte[] ED25519_PREFIX = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
    };

    private KeyRecord() {}

    /** Returns whether one of the keys in the DNS verifies a signature over the data. */
    static boolean verifies(DkimSignature signature, @Nullable DnsAnswer<String> answer, byte[] data) {
        byte[] value = signature.octets("b");
        if (!(answer instanceof DnsAnswer.Found<String> found) || value == null) {
            return false;
        }
        for (String record : found.records()) {
            Map<String, String> key = DkimSignature.tags(record);
            try {
                if (problem(signature, key) == null) {
                    PublicKey publicKey = publicKey(signature, key);
                    if (!isWeak(publicKey) && verify(publicKey, signature.isRsa(), data, value)) {
                        return true;
                    }
                }
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                // An unusable key is treated as missing.
            }
        }
        return false;
    }

    /** Returns the reason why a key may not be used for a signature, or null if it may. RFC 6376, 3.6.1. */
    static @Nullable String problem(DkimSignature signature, Map<String, String> key) {
        String wanted = signature.isRsa() ? "rsa" : "ed25519";
        if (key.isEmpty() || !key.getOrDefault("v", "DKIM1").equals("DKIM1")) {
            return "no key record";
        } else if (!key.getOrDefault("k", "rsa").equals(wanted)) {
            return "key of another algorithm";
        } else if (key.getOrDefault("p", "").isEmpty()) {
            return "key revoked";
        } else if (key.containsKey("h")
                && !Arrays.asList(key.get("h").split("\\s*:\\s*")).contains("sha256")) {
            return "key for another hash";
        } else if (key.containsKey("s")
                && Arrays.stream(key.get("s").split("\\s*:\\s*")).noneMatch(s -> s.equals("*") || s.equals("email"))) {
            return "key for another service";
        }
        boolean strict =
                Arrays.asList(key.getOrDefault("t", "").split("\\s*:\\s*")).contains("s");
        String given = signature.tag("i", "@" + signature.domain());
        // In ARC this tag is a number.
        String identity = given.indexOf('@') < 0 ? "@" + signature.domain() : given;
        return strict && !identity.substring(identity.lastIndexOf('@') + 1).equalsIgnoreCase(signature.domain())
                ? "i= is of a sub-domain, which the key forbids"
                : null;
    }

    /**
     * Returns the key of a record.
     *
     * @throws IllegalArgumentException if it is not Base64
     */
    static PublicKey publicKey(DkimSignature signature, Map<String, String> key) throws GeneralSecurityException {
        byte[] octets = Base64.getDecoder().decode(key.getOrDefault("p", "").replaceAll("\\s", ""));
        if (signature.isRsa()) {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(octets));
        }
        // RFC 8463, 4: the record holds the bare 32 octets; Java expects the ASN.1 structure around them.
        byte[] coated = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + octets.length);
        System.arraycopy(octets, 0, coated, ED25519_PREFIX.length, octets.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(coated));
    }

    /** Returns whether a key is too short to prove anything. RFC 8301, 3.2. */
    static boolean isWeak(PublicKey key) {
        return key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS;
    }

    /** Returns whether a signature over the data has this value. */
    static boolean verify(PublicKey key, boolean rsa, byte[] data, byte[] value) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
        signature.initVerify(key);
        signature.update(rsa ? data : DkimSigner.sha256().digest(data));
        return signature.verify(value);
    }
}
