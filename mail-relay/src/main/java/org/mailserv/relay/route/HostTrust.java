package org.mailserv.relay.route;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Determines the TLS requirements of a domain's hosts when the route leaves them to the domain. Called on any thread. */
public interface HostTrust {
    /** Adds no requirements to those of the route. */
    HostTrust NONE = (domain, found) -> CompletableFuture.completedFuture(found);

    /**
     * Applies the TLS requirements to the hosts from a domain's MX records, or to the host that the route configures.
     *
     * @param domain the next hop, in lower case, ASCII: the domain, or the host of the route
     * @return the usable hosts with their requirements, or the reason why there is none; never completes exceptionally
     */
    CompletionStage<Destination> secure(String domain, Destination.Hosts found);
}
