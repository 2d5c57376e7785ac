package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects one domain.
 *
 * @param domain its name
 * @param check whether the records are looked up in the DNS
 */
public record DomainQuery(String domain, @Nullable Boolean check) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "domain=" + domain;
    }

    public boolean isCheck() {
        return Boolean.TRUE.equals(check);
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of("@" + domain));
    }
}
