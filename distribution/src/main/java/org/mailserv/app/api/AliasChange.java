package org.mailserv.app.api;

import java.util.List;

/**
 * Adds targets to an alias, or replaces its targets.
 *
 * @param alias {@code name@domain}, or {@code @domain} for a catch-all
 * @param targets addresses, or names in the same domain
 */
public record AliasChange(String alias, List<String> targets) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "alias=" + alias + " targets=" + String.join(",", targets);
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(alias);
    }
}
