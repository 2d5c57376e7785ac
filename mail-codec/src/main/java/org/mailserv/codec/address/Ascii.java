package org.mailserv.codec.address;

/** Texts of US-ASCII. */
final class Ascii {
    private Ascii() {}

    /** Returns whether all characters of a text are US-ASCII. */
    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }
}
