package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lifts the restriction of an account.
 *
 * @param user the account, {@code user@domain}
 * @param drop whether the held messages are removed instead of sent
 */
public record ReleaseAccount(String user, @Nullable Boolean drop) implements Audited, DomainRequest {
    public boolean isDrop() {
        return Boolean.TRUE.equals(drop);
    }

    @Override
    public String auditText() {
        return "user=" + user + (isDrop() ? " drop" : "");
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(user);
    }
}
