package org.mailserv.server.account;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.Md5Crypt;
import org.bouncycastle.crypto.RuntimeCryptoException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Verification and creation of stored passwords in Dovecot's format: {@code {SCHEME}value}, with {@code .HEX} or
 * {@code .B64} after the scheme for another encoding. Schemes that depend on the login or the protocol (DIGEST-MD5,
 * CRAM-MD5, OTP) or are broken (NTLM, LANMAN) are not supported, and no password matches them. Verification is slow
 * by design and must not run on an event loop.
 */
public final class PasswordScheme {
    private static final SecureRandom RANDOM = new SecureRandom();

    private PasswordScheme() {}

    /** Returns whether passwords can be verified against a stored one. */
    public static boolean isKnown(String stored) {
        return problem(stored) == null;
    }

    /**
     * Returns the reason why no password matches a stored one: an unknown scheme, an invalid hash, or a locked
     * password.
     *
     * @param stored the stored password with its scheme
     * @return the reason for the operator, which contains the scheme but never the value; null if passwords can be
     *     verified
     */
    public static @Nullable String problem(String stored) {
        if (isLocked(stored)) {
            return "the password is locked";
        }
        PasswordFormat format = PasswordFormat.of(stored);
        if (format == null) {
            return "the password has no scheme";
        }
        String name = stored.startsWith("{") ? stored.substring(0, stored.indexOf('}') + 1) : "{CRYPT}";
        return format.problem(name.matches("\\{[A-Za-z0-9.-]{1,30}\\}") ? name : "{...}");
    }

    /**
     * Returns whether the account was locked in the way of {@code passwd -l}: {@code !}, {@code *}, or a hash
     * preceded by {@code !}.
     */
    public static boolean isLocked(String stored) {
        String value = stored.startsWith("{") ? stored.substring(stored.indexOf('}') + 1) : stored;
        boolean plain = stored.regionMatches(true, 0, "{PLAIN", 0, 6) || stored.regionMatches(true, 0, "{CLEAR", 0, 6);
        return !plain && (value.startsWith("!") || value.startsWith("*"));
    }

    /**
     * Returns whether a password matches.
     *
     * @param stored the stored password with its scheme; an invalid one matches nothing
     */
    public static boolean verify(String stored, String password) {
        try {
            PasswordFormat format = PasswordFormat.of(stored);
            if (format == null || problem(stored) != null) {
                return false;
            }
            for (String form : forms(password)) {
                if (check(format, form)) {
                    return true;
                }
            }
            return false;
        } catch (GeneralSecurityException
                | RuntimeCryptoException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /**
     * Returns the encodings that keyboards and systems produce for a password: unchanged, composed, decomposed. RFC
     * 8265, 4.2.
     */
    private static Set<String> forms(String password) {
        Set<String> forms = new LinkedHashSet<>();
        forms.add(password);
        forms.add(ScramKeys.composed(password));
        forms.add(Normalizer.normalize(password, Normalizer.Form.NFD));
        return forms;
    }

    private static boolean check(PasswordFormat format, String password) throws GeneralSecurityException {
        byte[] octets = password.getBytes(StandardCharsets.UTF_8);
        String algorithm = format.digest();
        if (algorithm != null) {
            return digest(algorithm, format.digestSize(), format.octets(), octets);
        }
        String value = format.text();
        return switch (format.scheme()) {
            case "PLAIN" -> equal(value.getBytes(StandardCharsets.UTF_8), octets);
            case "CRYPT" -> crypt(value, password);
            case "PBKDF2" -> pbkdf2(value, password);
            case "SCRAM-SHA-256" -> scram("HmacSHA256", "SHA-256", value, octets);
            case "SCRAM-SHA-1" -> scram("HmacSHA1", "SHA-1", value, octets);
            default -> false;
        };
    }

    /** Verifies a digest, which may be followed by a salt. */
    private static boolean digest(String algorithm, int size, byte[] stored, byte[] password)
            throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance(algorithm);
        digest.update(password);
        digest.update(stored, size, stored.length - size);
        return equal(Arrays.copyOf(stored, size), digest.digest());
    }

    private static boolean bcrypt(String value, String password) {
        char[] text = password.toCharArray();
        return OpenBSDBCrypt.checkPassword(value, text);
    }

    private static boolean crypt(String value, String password) {
        if (value.startsWith("$2")) {
            return bcrypt(value, password);
        } else if (value.startsWith("$argon2")) {
            return argon2(value, password.getBytes(StandardCharsets.UTF_8));
        }
        // The library clears the octets passed to it, so it receives its own copy.
        byte[] octets = password.getBytes(StandardCharsets.UTF_8);
        String hash = value.startsWith("$apr1$") ? Md5Crypt.apr1Crypt(octets, value) : Crypt.crypt(octets, value);
        return equal(hash.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean argon2(String value, byte[] password) {
        String[] parts = value.split("\\$");
        int type = parts[1].equals("argon2id") ? Argon2Parameters.ARGON2_id : Argon2Parameters.ARGON2_i;
        Argon2Parameters.Builder parameters = new Argon2Parameters.Builder(type)
                .withVersion(Integer.parseInt(parts[2].substring(2)))
                .withSalt(Base64.getDecoder().decode(parts[4]));
        for (String parameter : parts[3].split(",")) {
            int number = Integer.parseInt(parameter.substring(2));
            switch (parameter.charAt(0)) {
                case 'm' -> parameters.withMemoryAsKB(Math.min(number, 1 << 20));
                case 't' -> parameters.withIterations(number);
                case 'p' -> parameters.withParallelism(number);
                default -> throw new IllegalArgumentException("argon2: " + parameter);
            }
        }
        byte[] stored = Base64.getDecoder().decode(parts[5]);
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(parameters.build());
        byte[] hash = new byte[stored.length];
        generator.generateBytes(password, hash);
        return equal(stored, hash);
    }

    /** Verifies {@code $1$salt$rounds$hex}, Dovecot's format. */
    private static boolean pbkdf2(String value, String password) throws GeneralSecurityException {
        String[] parts = value.split("\\$");
        byte[] stored = HexFormat.of().parseHex(parts[4]);
        byte[] salt = parts[2].getBytes(StandardCharsets.UTF_8);
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, Integer.parseInt(parts[3]), stored.length * 8);
        byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                .generateSecret(spec)
                .getEncoded();
        return equal(stored, hash);
    }

    /** Verifies {@code iterations,salt,StoredKey,ServerKey}. RFC 5802, 3. */
    private static boolean scram(String mac, String hash, String value, byte[] password)
            throws GeneralSecurityException {
        String[] parts = value.split(",");
        byte[] salted = ScramKeys.hi(mac, password, Base64.getDecoder().decode(parts[1]), Integer.parseInt(parts[0]));
        byte[] clientKey = hmac(mac, salted, "Client Key".getBytes(StandardCharsets.US_ASCII));
        byte[] storedKey = MessageDigest.getInstance(hash).digest(clientKey);
        return equal(Base64.getDecoder().decode(parts[2]), storedKey);
    }

    private static byte[] hmac(String mac, byte[] key, byte[] text) throws GeneralSecurityException {
        Mac keyed = Mac.getInstance(mac);
        keyed.init(new SecretKeySpec(key, mac));
        return keyed.doFinal(text);
    }

    private static boolean equal(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }

    /** Iteration count of new SCRAM-SHA-256 hashes, which take some 10 ms. RFC 7677, 4 requires at least 4,096. */
    public static final int SCRAM_ITERATIONS = 16_384;

    /** The schemes available for new hashes. */
    public static final List<String> NEW_SCHEMES = List.of("SCRAM-SHA-256", "BLF-CRYPT", "ARGON2ID");

    /** Returns a new hash of a password, in the scheme that works with all mechanisms. */
    public static String hash(String password) {
        return hash(password, "SCRAM-SHA-256");
    }

    /**
     * Returns a new hash of a password, including its scheme.
     *
     * @param scheme one of {@link #NEW_SCHEMES}
     */
    public static String hash(String password, String scheme) {
        byte[] salt = new byte[16];
        RANDOM.nextBytes(salt);
        return switch (scheme) {
            case "SCRAM-SHA-256" ->
                ScramCredentials.derive(password, salt, SCRAM_ITERATIONS).stored();
            case "BLF-CRYPT" -> "{BLF-CRYPT}" + OpenBSDBCrypt.generate("2y", password.toCharArray(), salt, 10);
            case "ARGON2ID" -> newArgon2(password, salt);
            default ->
                throw new IllegalArgumentException(
                        "scheme: " + scheme + " (expected: " + String.join(", ", NEW_SCHEMES) + ")");
        };
    }

    /** Returns an Argon2id hash with 64 MiB and three passes. RFC 9106, 4. */
    private static String newArgon2(String password, byte[] salt) {
        int memory = 64 << 10;
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(salt)
                .withMemoryAsKB(memory)
                .withIterations(3)
                .withParallelism(1)
                .build());
        byte[] hash = new byte[32];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "{ARGON2ID}$argon2id$v=19$m=" + memory + ",t=3,p=1$" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(hash);
    }
}
