package org.mailserv.codec.address;

/** Quoting of local parts. RFC 5321, 4.1.2. */
final class LocalParts {
    private static final String ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

    private LocalParts() {}

    static String quoteIfNeeded(String localPart) {
        return isDotString(localPart) ? localPart : quote(localPart);
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

    /** atext of RFC 5322, 3.2.3, with the UTF-8 characters that RFC 6531, 3.3 adds. */
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
