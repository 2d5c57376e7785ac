package org.mailserv.server.account;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.LocalParts;
import org.mailserv.codec.address.PathParser;

/**
 * The name of a local mailbox, in the one form in which it is known: the domain with A-labels, the local part in lower case and
 * composed (see {@link LocalParts#canonical}). A mailbox that is configured in one form is found in all of them. How the name
 * becomes a folder's is a matter of the mailbox store: no other code turns a name into a path.
 *
 * @param domain the local domain
 * @param localPart the account's name in that domain, its quoting undone
 */
public record MailboxName(String domain, String localPart) {
    public MailboxName {
        domain = DomainNames.canonical(domain);
        localPart = LocalParts.canonical(localPart);
    }

    /**
     * Reads a login or the name in a users file, {@code local@domain}; the local part may be quoted.
     *
     * @return null where the text has no local part or no domain
     */
    public static @Nullable MailboxName of(String text) {
        Address quoted = text.startsWith("\"") ? PathParser.parseAddress(text) : null;
        if (quoted != null && !quoted.domain().isEmpty()) {
            return new MailboxName(quoted.domain(), quoted.localPart());
        }
        int at = text.lastIndexOf('@');
        return at > 0 && at < text.length() - 1 ? new MailboxName(text.substring(at + 1), text.substring(0, at)) : null;
    }

    /** Returns whether two logins are the same mailbox, in whatever form each is written. */
    public static boolean same(String one, String other) {
        MailboxName mailbox = of(one);
        return one.equalsIgnoreCase(other) || mailbox != null && mailbox.equals(of(other));
    }

    /** Returns the address of the mailbox. */
    public Address address() {
        return new Address(localPart, domain);
    }

    // By hand: what the compiler would leave to the run time is made at the start, where this is the first key of a
    // map.
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
