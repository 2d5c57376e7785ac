package org.mailserv.server.account;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.LocalParts;
import org.mailserv.codec.address.PathParser;

/**
 * The name of a local mailbox in canonical form: the domain with A-labels, the local part in lower case and composed
 * (see {@link LocalParts#canonical}). All spellings of a name therefore denote the same mailbox. Only the mailbox
 * store converts a name to a path.
 *
 * @param domain the local domain
 * @param localPart the account's name in that domain, without quoting
 */
public record MailboxName(String domain, String localPart) {
    public MailboxName {
        domain = DomainNames.canonical(domain);
        localPart = LocalParts.canonical(localPart);
    }

    /**
     * Parses a login or a name in the users file, {@code local@domain}. The local part may be quoted.
     *
     * @return null if the text has no local part or no domain
     */
    public static @Nullable MailboxName of(String text) {
        Address quoted = text.startsWith("\"") ? PathParser.parseAddress(text) : null;
        if (quoted != null && !quoted.domain().isEmpty()) {
            return new MailboxName(quoted.domain(), quoted.localPart());
        }
        int at = text.lastIndexOf('@');
        return at > 0 && at < text.length() - 1 ? new MailboxName(text.substring(at + 1), text.substring(0, at)) : null;
    }

    /** Returns whether two logins denote the same mailbox, whichever form each is written in. */
    public static boolean same(String one, String other) {
        MailboxName mailbox = of(one);
        return one.equalsIgnoreCase(other) || mailbox != null && mailbox.equals(of(other));
    }

    /** Returns the address of the mailbox. */
    public Address address() {
        return new Address(localPart, domain);
    }

    // Handwritten, because the compiler's version is linked at run time, which slows down the start, where this is
    // the first key of a map.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MailboxName name && localPart.equals(name.localPart) && domain.equals(name.domain);
    }

    @Override
    public int hashCode() {
        return 31 * domain.hashCode() + localPart.hashCode();
    }

    /** Returns {@code local@domain}, unquoted. */
    @Override
    public String toString() {
        return localPart + "@" + domain;
    }
}
