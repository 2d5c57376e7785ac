package org.mailserv.codec.address;

/**
 * A mailbox of the envelope, {@code Mailbox} in RFC 5321, 4.1.2.
 *
 * @param localPart local part with its quoting removed and its case preserved, never empty
 * @param domain the domain in canonical form, lower case with A-labels (see {@link DomainNames#canonical}); an
 *     address literal in brackets ({@code [192.0.2.1]}, {@code [IPv6:2001:db8::1]}); or empty for the bare {@code
 *     <postmaster>} of RFC 5321, 4.1.1.3
 */
public record Address(String localPart, String domain) {
    public Address {
        if (localPart.isEmpty()) {
            throw new IllegalArgumentException("localPart: empty (expected: at least one character)");
        }
        domain = domain.isEmpty() ? "" : DomainNames.canonical(domain);
    }

    /** Returns whether this is {@code postmaster}, in any case, of any domain or without a domain. RFC 5321, 4.5.1. */
    public boolean isPostmaster() {
        return localPart.equalsIgnoreCase("postmaster");
    }

    /** Returns whether the local part is ASCII, so that SMTPUTF8 is not needed. The domain always is. RFC 6531, 3.3. */
    public boolean isAscii() {
        return Ascii.isAscii(localPart) && Ascii.isAscii(domain);
    }

    /** Returns whether the domain is an address literal in brackets. RFC 5321, 4.1.3. */
    public boolean isLiteral() {
        return domain.startsWith("[");
    }

    /**
     * Returns the local part in the form by which mailboxes and aliases of local domains are looked up. Case and
     * Unicode composition make no difference in it. Local parts of other domains are passed on unchanged (RFC 5321,
     * 2.3.11).
     */
    public String canonicalLocalPart() {
        return LocalParts.canonical(localPart);
    }

    /**
     * Returns the local part in its wire form: a Dot-string if possible, otherwise a Quoted-string. RFC 5321, 4.1.2.
     */
    public String wireLocalPart() {
        return LocalParts.quoteIfNeeded(localPart);
    }

    /**
     * Returns {@code local@domain} in its wire form, without angle brackets, and without {@code @} if there is no
     * domain.
     */
    @Override
    public String toString() {
        return domain.isEmpty() ? wireLocalPart() : wireLocalPart() + "@" + domain;
    }
}
