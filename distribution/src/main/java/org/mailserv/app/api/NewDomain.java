package org.mailserv.app.api;

/**
 * Adds a local domain beside those of the configuration.
 *
 * @param domain the name, with A-labels or in Unicode
 */
public record NewDomain(String domain) implements Audited {
    @Override
    public String auditText() {
        return "domain=" + domain;
    }
}
