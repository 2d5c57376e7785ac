package org.mailserv.codec.pop3;

import org.jspecify.annotations.Nullable;

/**
 * A parsed POP3 command line. Message numbers start at 1. A line that cannot be parsed becomes a {@link Malformed},
 * which carries its reply.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
public sealed interface Pop3Command {
    /** Returns the verb in upper case, for logs and tables; {@code "?"} if there is none. */
    default String verb() {
        return getClass().getSimpleName().toUpperCase(java.util.Locale.ROOT);
    }

    /** USER. RFC 1939, 7. */
    record User(String name) implements Pop3Command {}

    /** PASS. Everything after the single blank is the password, including blanks. RFC 1939, 7. Never logged. */
    record Pass(String password) implements Pop3Command {
        @Override
        public String toString() {
            return "Pass[]";
        }
    }

    /** APOP, with the digest as 32 hexadecimal digits. RFC 1939, 7. */
    record Apop(String name, String digest) implements Pop3Command {
        @Override
        public String toString() {
            return "Apop[name=" + name + "]";
        }
    }

    /**
     * AUTH. RFC 5034, 4.
     *
     * @param mechanism in upper case, or null to request the list of mechanisms
     * @param initialResponse in base64; {@code "="} for an empty one, null for none; never logged
     */
    record Auth(@Nullable String mechanism, @Nullable String initialResponse) implements Pop3Command {
        @Override
        public String toString() {
            return "Auth[mechanism=" + mechanism + "]";
        }
    }

    /** The line that answers a challenge: base64, or {@code "*"} to cancel. RFC 5034, 4. Never logged. */
    record AuthResponse(String line) implements Pop3Command {
        @Override
        public String verb() {
            return "AUTH";
        }

        @Override
        public String toString() {
            return "AuthResponse[]";
        }
    }

    /** STAT. RFC 1939, 5. */
    record Stat() implements Pop3Command {}

    /** LIST of one message, or of all if the number is 0. RFC 1939, 5. */
    record List(int number) implements Pop3Command {}

    /** UIDL of one message, or of all if the number is 0. RFC 1939, 7. */
    record Uidl(int number) implements Pop3Command {}

    /** RETR. RFC 1939, 5. */
    record Retr(int number) implements Pop3Command {}

    /** DELE. RFC 1939, 5. */
    record Dele(int number) implements Pop3Command {}

    /** TOP: the header and the given number of body lines. RFC 1939, 7. */
    record Top(int number, int lines) implements Pop3Command {}

    /** NOOP. RFC 1939, 5. */
    record Noop() implements Pop3Command {}

    /** RSET. RFC 1939, 5. */
    record Rset() implements Pop3Command {}

    /** QUIT. RFC 1939, 5 and 6. */
    record Quit() implements Pop3Command {}

    /** CAPA. RFC 2449, 5. */
    record Capa() implements Pop3Command {}

    /** STLS. RFC 2595, 4. */
    record Stls() implements Pop3Command {}

    /** UTF8. RFC 6856, 2. */
    record Utf8() implements Pop3Command {}

    /** LANG with a language tag, or null to request the list. RFC 6856, 3. */
    record Lang(@Nullable String tag) implements Pop3Command {}

    /** An unknown verb, reduced to printable characters and at most 32 of them. */
    record Unknown(String verb) implements Pop3Command {}

    /**
     * A line that is not a command or has invalid arguments, with its reply.
     *
     * @param fatal whether the connection closes after the reply
     */
    record Malformed(String verb, Pop3Reply reply, boolean fatal) implements Pop3Command {}
}
