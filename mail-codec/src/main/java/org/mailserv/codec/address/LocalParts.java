package org.mailserv.codec.address;

import java.text.Normalizer;
import java.util.Locale;

/** Quoting and comparison of local parts. RFC 5321, 4.1.2. */
public final class LocalParts {
    private static final String ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

    private LocalParts() {}

    /** Returns the local part as it goes on the wire: as it is where it is a Dot-string, else as a Quoted-string. */
    public static String quoteIfNeeded(String localPart) {
        return isDotString(localPart) ? localPart : quote(localPart);
    }

    /**
     * Returns the form by which names of local mailboxes and aliases are compared.
     *
     * <p>This is the UsernameCaseMapped profile of PRECIS as far as it maps: full-width and half-width characters become their usual
     * form, upper case becomes lower case, and characters are composed (NFC). Beyond the profile, a final sigma is a sigma, so that
     * upper case finds both. Characters that merely look alike stay different, {@code ß} and {@code ss} too: they can be the mailboxes
     * of two people.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc8265#section-3.3">RFC 8265, 3.3</a>
     */
    public static String canonical(String localPart) {
        if (Address.isAscii(localPart)) {
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
        // Composed before and after: mapping to lower case can decompose, and a letter with its mark may have one
        // lower-case form.
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

    /** Returns whether this is atext of RFC 5322, 3.2.3, or one of the UTF-8 characters that RFC 6531, 3.3 adds. */
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
