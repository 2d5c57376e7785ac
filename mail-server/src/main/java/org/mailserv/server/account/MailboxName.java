package org.mailserv.server.account;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;

/**
 * The name of a local mailbox, in lower case. That it can be a folder's name on every file system is checked where the name
 * is made: no other code turns a name into a path.
 *
 * @param domain the local domain
 * @param localPart the account's name in that domain
 */
public record MailboxName(String domain, String localPart) {
    public MailboxName {
        domain = domain.toLowerCase(Locale.ROOT);
        localPart = localPart.toLowerCase(Locale.ROOT);
    }

    /** The address of the mailbox. */
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

    /** {@code local@domain}. */
    @Override
    public String toString() {
        return localPart + "@" + domain;
    }
}
