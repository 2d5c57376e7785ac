package org.mailserv.app.api;

import java.util.List;

/**
 * Makes an app password.
 *
 * @param user {@code user@domain}
 * @param name a name for the user, such as that of the device
 * @param scopes the protocols that accept it: {@code smtp}, {@code pop3}; empty for all
 */
public record NewAppPassword(String user, String name, List<String> scopes) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "user=" + user + " app-password name=" + name + " scopes=" + String.join(",", scopes);
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of(user));
    }
}
