package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects users.
 *
 * @param domain only users of this domain; null for all
 */
public record UsersQuery(@Nullable String domain) implements DomainRequest {
    @Override
    public List<String> concernedDomains() {
        return OwnDomain.ofQuery(domain);
    }
}
