package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds a user to the users file.
 *
 * @param user {@code user@domain} of a local domain
 * @param password the password in plain text; exactly one of it and {@code passwordHash}
 * @param passwordHash a hash with its scheme, {@code {BLF-CRYPT}...}
 * @param disabled whether the user cannot log in for now
 * @param quotaOctets maximum size of the mailbox; null or 0 for no limit
 * @param quotaMessages maximum number of messages; null or 0 for no limit
 * @param forward addresses to which mail is forwarded
 * @param keepCopy whether forwarded mail is delivered to the mailbox too; null for true
 */
public record NewUser(
        String user,
        @Nullable String password,
        @Nullable String passwordHash,
        @Nullable Boolean disabled,
        @Nullable Long quotaOctets,
        @Nullable Long quotaMessages,
        List<String> forward,
        @Nullable Boolean keepCopy)
        implements Audited, DomainRequest {

    /** Returns a request for a user with a password and no more. */
    public static NewUser of(String user, String password) {
        return new NewUser(user, password, null, null, null, null, List.of(), null);
    }

    @Override
    public String auditText() {
        return "user=" + user + (Boolean.TRUE.equals(disabled) ? " disabled" : "")
                + (quotaOctets == null ? "" : " quota=" + quotaOctets)
                + (quotaMessages == null ? "" : " quota-messages=" + quotaMessages)
                + (forward.isEmpty() ? "" : " forward=" + String.join(",", forward));
    }

    @Override
    public String toString() {
        return "NewUser[" + auditText() + "]";
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(user);
    }
}
