package org.mailserv.app.api;

import java.util.List;

/**
 * Lets the waiting DKIM keys of a domain sign.
 *
 * @param domain its name
 */
public record DkimKeyActivation(String domain) implements Audited, DomainRequest {
    @Override
    public String auditText() {
        return "domain=" + domain;
    }

    @Override
    public List<String> concernedDomains() {
        return List.of(OwnDomain.of("@" + domain));
    }
}
