package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes new DKIM keys for a domain.
 *
 * @param domain its name
 * @param graceHours the time before they sign, at most 720 hours; null for 48 hours, or none if the domain has no key that signs
 */
public record DkimRotation(String domain, @Nullable Integer graceHours) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "domain=" + domain;
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of("@" + domain));
    }
}
