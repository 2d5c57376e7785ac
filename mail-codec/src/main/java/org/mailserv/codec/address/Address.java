package org.mailserv.codec.address;

import java.util.Locale;

/**
 * A mailbox of the envelope, {@code Mailbox} in RFC 5321, 4.1.2.
 *
 * @param localPart the local part with its quoting undone, as the client wrote it (case kept); at most 64 octets in UTF-8,
 *     never empty
 * @param domain the domain in lower case, an address literal with its brackets ({@code [192.0.2.1]}, {@code
 *     [IPv6:2001:db8::1]}), or empty for the bare {@code <postmaster>} of RFC 5321, 4.1.1.3; at most 255 octets in UTF-8
 */
public record Address(String localPart, String domain) {
    public Address {
        if (localPart.isEmpty()) {
            throw new IllegalArgumentException("localPart: empty (expected: at least one character)");
        }
        domain = domain.toLowerCase(Locale.ROOT);
    }

    /** Whether this is {@code postmaster} of any domain or of none, in any case. RFC 5321, 4.5.1. */
    public boolean isPostmaster() {
        return localPart.equalsIgnoreCase("postmaster");
    }

    /** Whether both parts are ASCII, so that SMTPUTF8 is not needed. RFC 6531, 3.3. */
    public boolean isAscii() {
        return isAscii(localPart) && isAscii(domain);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }

    /** Whether the domain is an address literal in brackets. RFC 5321, 4.1.3. */
    public boolean isLiteral() {
        return domain.startsWith("[");
    }

    /** The local part as it goes on the wire: a Dot-string where it can be, else a Quoted-string. RFC 5321, 4.1.2. */
    public String wireLocalPart() {
        return LocalParts.quoteIfNeeded(localPart);
    }

    /** {@code local@domain} as it goes on the wire, without angle brackets; without {@code @} when there is no domain. */
    @Override
    public String toString() {
        return domain.isEmpty() ? wireLocalPart() : wireLocalPart() + "@" + domain;
    }
}
