package org.mailserv.app.config;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.account.UsersFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the account that {@code first-account} names, so that a container with three environment variables is a working server. */
public final class FirstAccount {
    private static final Logger LOG = LoggerFactory.getLogger(FirstAccount.class);

    private FirstAccount() {}

    /**
     * Adds the account to the users file unless the file has it already: a password that was changed since stays. Blocks.
     *
     * @throws StartupException if the address is not an address
     * @throws IOException if the users file cannot be read or written
     */
    public static void create(MailservConfig config, UsersFile users) throws IOException, StartupException {
        MailboxName mailbox = check(config);
        if (mailbox == null || users.read().users().containsKey(mailbox)) {
            return;
        }
        String password = Objects.requireNonNull(config.firstAccount().password());
        users.put(mailbox, password.startsWith("{") ? password : PasswordScheme.hash(password));
        LOG.info("event=first-account-created account={}", mailbox);
    }

    /**
     * Returns the mailbox of the account, or null if there is none to create.
     *
     * @throws StartupException if the address or the password cannot be used
     */
    public static @Nullable MailboxName check(MailservConfig config) throws StartupException {
        String address = config.firstAccount().address();
        if (address == null) {
            return null;
        }
        MailboxName mailbox = mailbox(address);
        if (mailbox == null) {
            throw new StartupException(
                    "first-account.address: " + address + " is not an address (expected: user@domain)");
        }
        String password = Objects.requireNonNull(config.firstAccount().password());
        String problem = password.startsWith("{") ? PasswordScheme.problem(password) : null;
        if (problem != null) {
            throw new StartupException(
                    "first-account.password: " + problem + " (expected: a password, or {SCHEME}hash)");
        }
        return mailbox;
    }

    /** Returns the mailbox of a full address, or null if the text is not one. */
    static @Nullable MailboxName mailbox(String address) {
        Address parsed = PathParser.parseAddress(address);
        return parsed == null || parsed.domain().isEmpty()
                ? null
                : new MailboxName(parsed.domain(), parsed.localPart());
    }
}
