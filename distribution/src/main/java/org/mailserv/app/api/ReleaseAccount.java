package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * Lifts the restriction of an account.
 *
 * @param user the account, {@code user@domain}
 * @param drop whether the held messages are removed instead of sent
 */
public record ReleaseAccount(String user, @Nullable Boolean drop) implements Audited {
    public boolean isDrop() {
        return Boolean.TRUE.equals(drop);
    }

    @Override
    public String auditText() {
        return "user=" + user + (isDrop() ? " drop" : "");
    }
}
