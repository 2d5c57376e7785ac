package org.mailserv.server.account;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A person or program that may log in.
 *
 * @param mailbox its mailbox, which is also its login
 * @param password the hash with its scheme, {@code {BLF-CRYPT}$2y$...}; null when it cannot log in with one. Never logged
 * @param passwordless whether it may be opened without a password from the networks that are listed for that
 * @param senders addresses, besides its own and its aliases, that it may send as, in lower case; {@code @domain} for all of a domain
 * @param quotaOctets most octets that its mailbox may hold, 0 for no bound
 * @param quotaMessages most messages, 0 for no bound
 * @param restrictions that a login has to meet besides the password
 */
public record Account(
        MailboxName mailbox,
        @Nullable String password,
        boolean passwordless,
        Set<String> senders,
        long quotaOctets,
        long quotaMessages,
        LoginRestrictions restrictions) {

    public Account {
        senders = Set.copyOf(senders);
    }

    /** An account whose password alone decides. */
    public Account(
            MailboxName mailbox,
            @Nullable String password,
            boolean passwordless,
            Set<String> senders,
            long quotaOctets,
            long quotaMessages) {
        this(mailbox, password, passwordless, senders, quotaOctets, quotaMessages, LoginRestrictions.NONE);
    }

    /** Returns the same account with further restrictions. */
    Account restricted(LoginRestrictions further) {
        return new Account(
                mailbox, password, passwordless, senders, quotaOctets, quotaMessages, restrictions.and(further));
    }

    @Override
    public String toString() {
        return "Account[" + mailbox + "]";
    }
}
