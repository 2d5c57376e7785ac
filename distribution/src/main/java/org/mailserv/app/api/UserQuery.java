package org.mailserv.app.api;

/**
 * Selects one user.
 *
 * @param user {@code user@domain}
 */
public record UserQuery(String user) implements Audited {
    @Override
    public String auditText() {
        return "user=" + user;
    }
}
