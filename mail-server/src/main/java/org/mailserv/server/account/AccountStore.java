package org.mailserv.server.account;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;

/** Local domains, users and aliases. Any thread; nothing blocks; answers follow a reload at once. */
public interface AccountStore {
    /** Returns whether mail for the domain stays here. Any case; the server's host name and its address literals count. */
    boolean isLocalDomain(String domain);

    /**
     * Returns the listed domain that a local domain stands for: the primary one for no domain at all and for names of this host, else the
     * same.
     */
    default String listedDomain(String domain) {
        return domain;
    }

    /** Returns the local domain that the server calls its own: the one of names without a domain, and of bounces. */
    String primaryDomain();

    /**
     * Finds where mail for an address of a local domain goes; aliases are followed, loops are cut. Postmaster and other roles, such as
     * {@code root} and {@code abuse}, are always known.
     */
    CompletionStage<Resolution> resolve(Address address);

    /**
     * Returns whether an address is known only because its name is a role's: no mailbox, alias or catch-all was set up for it, and {@link
     * #resolve} leads to the postmaster's mailbox.
     */
    default boolean isRoleByDefault(Address address) {
        return false;
    }

    /**
     * Checks a password, on a thread for hashing. An unknown login takes as long as a wrong password.
     *
     * @param login {@code mailbox@domain} in any case
     * @return the account, or null when login and password do not fit. Fails only when it cannot be told now.
     */
    CompletionStage<@Nullable Account> authenticate(String login, String password);

    /**
     * Looks an account up without a password: for SCRAM, APOP, accounts without a password, and sender checks.
     *
     * @return null when there is none
     */
    CompletionStage<@Nullable Account> find(String login);

    /** What SCRAM-SHA-256 needs for a login; for one that cannot use it, credentials that fit nothing. Fails only when it cannot be told now. */
    CompletionStage<ScramCredentials> scram(String login);

    /** Whether every account that has a password can log in by SCRAM-SHA-256. */
    boolean supportsScram();
}
