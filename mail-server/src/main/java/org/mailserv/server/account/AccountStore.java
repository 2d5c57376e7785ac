package org.mailserv.server.account;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;

/** Local domains, users and aliases. Thread-safe and non-blocking. Answers reflect a reload immediately. */
public interface AccountStore {
    /**
     * Returns whether mail for the domain is local. Case is ignored; the server's host name and address literals
     * count as local.
     */
    boolean isLocalDomain(String domain);

    /**
     * Returns the configured domain that a local domain stands for: the primary domain for an empty domain and for
     * names of this host, otherwise the domain itself.
     */
    default String listedDomain(String domain) {
        return domain;
    }

    /** Returns whether mail for the mailboxes of a local domain goes to another server instead of being stored here. */
    default boolean isRouted(String domain) {
        return false;
    }

    /** Returns the server's primary domain, used for names without a domain and for bounces. */
    String primaryDomain();

    /**
     * Resolves an address of a local domain. Aliases are followed and loops are broken. Postmaster and other roles,
     * such as {@code root} and {@code abuse}, always exist.
     */
    CompletionStage<Resolution> resolve(Address address);

    /**
     * Returns whether an address exists only as a role name: no mailbox, alias or catch-all was configured for it,
     * and {@link #resolve} leads to the postmaster's mailbox.
     */
    default boolean isRoleByDefault(Address address) {
        return false;
    }

    /**
     * Verifies a password on a hashing thread. An unknown login takes as long as a wrong password.
     *
     * @param login {@code mailbox@domain} in any case
     * @return the account, or null if the credentials are wrong; the stage fails only on temporary problems
     */
    CompletionStage<@Nullable Account> authenticate(String login, String password);

    /**
     * Returns whether a client that logged in earlier may continue: the account still exists, can log in, and has the same password. Accounts
     * of which nothing is known here may always continue.
     *
     * @param account as {@link #authenticate} returned it
     */
    default boolean isCurrent(Account account) {
        return true;
    }

    /**
     * Looks up an account without a password: for SCRAM, APOP, passwordless accounts and sender checks.
     *
     * @return null if the account does not exist
     */
    CompletionStage<@Nullable Account> find(String login);

    /**
     * Returns the SCRAM-SHA-256 credentials of a login. For a login that cannot use SCRAM, they match no password.
     * The stage fails only on temporary problems.
     */
    CompletionStage<ScramCredentials> scram(String login);

    /** Returns whether every account that has a password can log in by SCRAM-SHA-256. */
    boolean supportsScram();
}
