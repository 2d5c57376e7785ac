package org.mailserv.server.account;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parsed stored password: the scheme, an optional encoding ({@code .HEX}, {@code .B64}), and the value. A value
 * without a scheme that begins with {@code $} is CRYPT, by convention.
 *
 * @param scheme in upper case, with Dovecot's aliases resolved
 * @param encoding {@code HEX}, {@code B64}, or empty for the scheme's default
 * @param value the text after the scheme
 */
record PasswordFormat(String scheme, String encoding, String value) {
    private static final Pattern MD5_CRYPT = Pattern.compile("\\$(1|apr1)\\$[./0-9A-Za-z]{0,8}\\$[./0-9A-Za-z]{22}");
    private static final Pattern SHA_CRYPT =
            Pattern.compile("\\$(5\\$(rounds=\\d{1,9}\\$)?[./0-9A-Za-z]{1,16}\\$[./0-9A-Za-z]{43}"
                    + "|6\\$(rounds=\\d{1,9}\\$)?[./0-9A-Za-z]{1,16}\\$[./0-9A-Za-z]{86})");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./0-9A-Za-z]{53}");
    private static final Pattern DES_CRYPT = Pattern.compile("[./0-9A-Za-z]{13}");
    private static final Pattern ARGON2 =
            Pattern.compile("\\$argon2(i|id)\\$v=\\d{1,3}\\$[mtp]=\\d{1,9}(,[mtp]=\\d{1,9}){2}\\$[+/0-9A-Za-z]{4,}"
                    + "\\$[+/0-9A-Za-z]{8,}");
    private static final Pattern PBKDF2 = Pattern.compile("\\$1\\$[^$]*\\$\\d{1,9}\\$[0-9A-Fa-f]{40}");
    private static final Pattern SCRAM = Pattern.compile("\\d{1,9}(,[+/0-9A-Za-z]{4,}={0,2}){3}");
    private static final Pattern MD5_HEX = Pattern.compile("[0-9A-Fa-f]{32}");
    private static final Pattern METHOD = Pattern.compile("\\$[0-9A-Za-z-]{1,12}\\$");

    /** Parses a stored password. Returns null if there is no scheme. */
    static @Nullable PasswordFormat of(String stored) {
        if (!stored.startsWith("{")) {
            return stored.startsWith("$") ? new PasswordFormat("CRYPT", "", stored) : null;
        }
        int end = stored.indexOf('}');
        if (end < 0) {
            return null;
        }
        String name = stored.substring(1, end).toUpperCase(Locale.ROOT);
        int dot = name.indexOf('.');
        String encoding = dot < 0 ? "" : name.substring(dot + 1);
        String value = stored.substring(end + 1);
        return new PasswordFormat(
                resolve(dot < 0 ? name : name.substring(0, dot), value),
                encoding.equals("BASE64") ? "B64" : encoding,
                value);
    }

    private static String resolve(String name, String value) {
        return switch (name) {
            case "CLEARTEXT", "CLEAR" -> "PLAIN";
            case "SHA1" -> "SHA";
            case "MD5" ->
                value.startsWith("$") ? "CRYPT" : MD5_HEX.matcher(value).matches() ? "PLAIN-MD5" : "LDAP-MD5";
            case "MD5-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "DES-CRYPT", "BLF-CRYPT", "ARGON2I", "ARGON2ID" ->
                "CRYPT";
            default -> name;
        };
    }

    /** Returns the octets of a hash. The default encoding is hexadecimal for PLAIN-MD5 and base64 for other schemes. */
    byte[] octets() {
        boolean hex = encoding.equals("HEX") || encoding.isEmpty() && scheme.equals("PLAIN-MD5");
        return hex
                ? HexFormat.of().parseHex(value.toLowerCase(Locale.ROOT))
                : Base64.getDecoder().decode(value);
    }

    /** Returns the value of a scheme whose hashes are text. */
    String text() {
        return encoding.isEmpty() ? value : new String(octets(), StandardCharsets.UTF_8);
    }

    /** Returns the digest algorithm, or null if the scheme is not a plain digest. */
    @Nullable
    String digest() {
        return switch (scheme) {
            case "SHA", "SSHA" -> "SHA-1";
            case "SHA256", "SSHA256" -> "SHA-256";
            case "SHA512", "SSHA512" -> "SHA-512";
            case "PLAIN-MD5", "LDAP-MD5", "SMD5" -> "MD5";
            default -> null;
        };
    }

    /** Returns the number of octets of the digest, which precedes the salt. */
    int digestSize() {
        return switch (scheme) {
            case "SHA", "SSHA" -> 20;
            case "SHA256", "SSHA256" -> 32;
            case "SHA512", "SSHA512" -> 64;
            default -> 16;
        };
    }

    /** Returns the reason why no password can match, or null. The value is never included. */
    @Nullable
    String problem(String shown) {
        if (!encoding.isEmpty() && !encoding.equals("HEX") && !encoding.equals("B64")) {
            return "the encoding of password scheme " + shown + " is unknown";
        } else if (value.isEmpty()) {
            return "the password is empty";
        }
        try {
            return digest() != null ? digestProblem(shown) : textProblem(shown);
        } catch (IllegalArgumentException e) {
            return "the password is no hash of scheme " + shown;
        }
    }

    private @Nullable String digestProblem(String shown) {
        int size = octets().length;
        boolean salted = scheme.startsWith("SS") || scheme.equals("SMD5");
        boolean fits = salted ? size > digestSize() : size == digestSize();
        return fits ? null : "the password is no hash of scheme " + shown;
    }

    private @Nullable String textProblem(String shown) {
        String text = text();
        boolean fits;
        switch (scheme) {
            case "PLAIN" -> fits = true;
            case "PBKDF2" -> fits = PBKDF2.matcher(text).matches();
            case "SCRAM-SHA-1", "SCRAM-SHA-256" -> fits = SCRAM.matcher(text).matches();
            case "CRYPT" -> {
                var method = METHOD.matcher(text);
                fits = isCrypt(text);
                if (!fits && method.lookingAt() && !text.matches("\\$(1|5|6|2[aby]|apr1|argon2id?)\\$.*")) {
                    return "the password hash method " + method.group() + " is not supported";
                }
            }
            default -> {
                return "password scheme " + shown + " is not supported";
            }
        }
        return fits ? null : "the password is no hash of scheme " + shown;
    }

    private static boolean isCrypt(String text) {
        return MD5_CRYPT.matcher(text).matches()
                || SHA_CRYPT.matcher(text).matches()
                || BCRYPT.matcher(text).matches()
                || ARGON2.matcher(text).matches()
                || DES_CRYPT.matcher(text).matches();
    }
}
