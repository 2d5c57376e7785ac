package org.mailserv.app.api;

import java.util.List;

/** A request that concerns certain domains. An operator of other domains is refused. */
public interface DomainRequest {
    /** Returns the domains, in canonical form; empty if the request selects nothing, so that the answer is filtered. */
    List<String> concernedDomains();
}
