package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes a user of the users file. Fields that are null stay as they are.
 *
 * @param user {@code user@domain}
 * @param password the new password in plain text
 * @param passwordHash the new hash with its scheme, instead of a password
 * @param disabled whether logins are refused; mail is delivered in any case
 * @param quotaOctets maximum size of the mailbox; 0 for no limit
 * @param quotaMessages maximum number of messages; 0 for no limit
 */
public record UserChange(
        String user,
        @Nullable String password,
        @Nullable String passwordHash,
        @Nullable Boolean disabled,
        @Nullable Long quotaOctets,
        @Nullable Long quotaMessages)
        implements Audited, DomainRequest {

    /** Returns a request that changes only the password. */
    public static UserChange password(String user, String password) {
        return new UserChange(user, password, null, null, null, null);
    }

    /** Returns a request that only disables or enables the user. */
    public static UserChange disabled(String user, boolean disabled) {
        return new UserChange(user, null, null, disabled, null, null);
    }

    @Override
    public String auditText() {
        return "user=" + user
                + (password == null && passwordHash == null ? "" : " password")
                + (disabled == null ? "" : disabled ? " disabled" : " enabled")
                + (quotaOctets == null ? "" : " quota=" + quotaOctets)
                + (quotaMessages == null ? "" : " quota-messages=" + quotaMessages);
    }

    @Override
    public String toString() {
        return "UserChange[" + auditText() + "]";
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(user);
    }
}
