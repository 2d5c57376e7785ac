package org.mailserv.app.api;

import java.util.List;

/**
 * Selects one user.
 *
 * @param user {@code user@domain}
 */
public record UserQuery(String user) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "user=" + user;
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(user);
    }
}
