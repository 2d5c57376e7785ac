package org.mailserv.server.account;

import java.util.Locale;
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

    /** {@code local@domain}. */
    @Override
    public String toString() {
        return localPart + "@" + domain;
    }
}
