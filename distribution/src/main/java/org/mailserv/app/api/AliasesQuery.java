package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects aliases.
 *
 * @param domain only aliases of this domain; null for all
 */
public record AliasesQuery(@Nullable String domain) implements DomainRequest {
    @Override
    public List<String> concernedDomains() {
        return OwnDomain.ofQuery(domain);
    }
}
