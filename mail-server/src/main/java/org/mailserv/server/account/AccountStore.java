package org.mailserv.server.account;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;

/** Local domains, users and aliases. Any thread; nothing blocks; answers follow a reload at once. */
public interface AccountStore {
    /** Whether mail for the domain stays here. Any case; an address literal of ours counts. */
    boolean isLocalDomain(String domain);

    /** The local domain that the server calls its own, for bare {@code <postmaster>} and for bounces. */
    String primaryDomain();

    /** Where mail for an address of a local domain goes, aliases followed, loops cut. Postmaster is always known. */
    CompletionStage<Resolution> resolve(Address address);

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
