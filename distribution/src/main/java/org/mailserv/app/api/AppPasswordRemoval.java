package org.mailserv.app.api;

import java.util.List;

/**
 * Revokes an app password.
 *
 * @param user {@code user@domain}
 * @param id as in {@link AppPasswordInfo}
 */
public record AppPasswordRemoval(String user, String id) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "user=" + user + " app-password=" + id;
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of(user));
    }
}
