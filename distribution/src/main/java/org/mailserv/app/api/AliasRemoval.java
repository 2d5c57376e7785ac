package org.mailserv.app.api;

import java.util.List;

/**
 * Removes an alias or some of its targets.
 *
 * @param alias {@code name@domain}, or {@code @domain} for a catch-all
 * @param target the targets to remove; empty for the whole alias
 */
public record AliasRemoval(String alias, List<String> target) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "alias=" + alias + (target.isEmpty() ? "" : " targets=" + String.join(",", target));
    }

    @Override
    public List<String> concernedDomains() {
        return OwnDomain.listOf(alias);
    }
}
