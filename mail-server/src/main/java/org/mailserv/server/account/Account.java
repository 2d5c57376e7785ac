package org.mailserv.server.account;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An account of a person or program that may log in.
 *
 * @param mailbox the mailbox, which is also the login
 * @param password the password hash with its scheme, {@code {BLF-CRYPT}$2y$...}; null if the account has no password.
 *     Never logged
 * @param passwordless whether the account may be opened without a password from the networks configured for that
 * @param senders addresses, besides its own and its aliases, that the account may send as, in lower case; {@code
 *     @domain} for a whole domain
 * @param quotaOctets maximum octets in the mailbox, 0 for no limit
 * @param quotaMessages maximum messages in the mailbox, 0 for no limit
 * @param restrictions conditions for login besides the password
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

    /** Creates an account whose password is the only condition for login. */
    public Account(
            MailboxName mailbox,
            @Nullable String password,
            boolean passwordless,
            Set<String> senders,
            long quotaOctets,
            long quotaMessages) {
        this(mailbox, password, passwordless, senders, quotaOctets, quotaMessages, LoginRestrictions.NONE);
    }

    /** Returns this account with additional restrictions. */
    Account restricted(LoginRestrictions further) {
        return new Account(
                mailbox, password, passwordless, senders, quotaOctets, quotaMessages, restrictions.and(further));
    }

    /** Returns this account with the hash that the client logged in with. */
    Account withPassword(@Nullable String hash) {
        return new Account(mailbox, hash, passwordless, senders, quotaOctets, quotaMessages, restrictions);
    }

    @Override
    public String toString() {
        return "Account[" + mailbox + "]";
    }
}
