package org.mailserv.codec.address;

import java.text.Normalizer;
import java.util.Locale;

/** Quoting and comparison of local parts. RFC 5321, 4.1.2. */
public final class LocalParts {
    private static final String ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

    private LocalParts() {}

    /** Returns the local part in its wire form: unchanged if it is a Dot-string, otherwise as a Quoted-string. */
    public static String quoteIfNeeded(String localPart) {
        return isDotString(localPart) ? localPart : quote(localPart);
    }

    /**
     * Returns the form by which names of local mailboxes and aliases are compared.
     *
     * <p>It follows the mappings of the UsernameCaseMapped profile of PRECIS: full-width and half-width characters
     * are mapped to their usual form, upper case to lower case, and the result is composed (NFC). Beyond the profile,
     * a final sigma equals a sigma, because upper case does not distinguish them. Characters that merely look alike
     * stay distinct, as do {@code ß} and {@code ss}: they can be the mailboxes of two people.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc8265#section-3.3">RFC 8265, 3.3</a>
     */
    public static String canonical(String localPart) {
        if (Ascii.isAscii(localPart)) {
            return localPart.toLowerCase(Locale.ROOT);
        }
        StringBuilder mapped = new StringBuilder(localPart.length());
        for (int i = 0; i < localPart.length(); i++) {
            char c = localPart.charAt(i);
            if (c >= '\uFF01' && c <= '\uFFEE') {
                mapped.append(Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC));
            } else {
                mapped.append(c);
            }
        }
        // Composed before and after, because lower-casing can decompose, and a composed letter may have a lower-case
        // form of its own.
        String composed = Normalizer.normalize(mapped, Normalizer.Form.NFC);
        String lower = composed.toLowerCase(Locale.ROOT).replace('ς', 'σ');
        return Normalizer.normalize(lower, Normalizer.Form.NFC);
    }

    static boolean isDotString(String text) {
        boolean atomEmpty = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (atomEmpty) {
                    return false;
                }
                atomEmpty = true;
            } else if (isAtext(c)) {
                atomEmpty = false;
            } else {
                return false;
            }
        }
        return !atomEmpty;
    }

    /**
     * Returns whether a character is atext (RFC 5322, 3.2.3) or one of the UTF-8 characters that RFC 6531, 3.3 adds.
     */
    static boolean isAtext(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c >= 0xA0
                || ATEXT_SPECIALS.indexOf(c) >= 0;
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }
}
