package org.mailserv.relay.route;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Says what TLS to the hosts of a domain has to be like, where the route leaves that to the domain. Any thread. */
public interface HostTrust {
    /** Leaves it at the route. */
    HostTrust NONE = (domain, found) -> CompletableFuture.completedFuture(found);

    /**
     * Looks at hosts that the MX records of a domain name, or at the one that the route names.
     *
     * @param domain the next hop, in lower case, ASCII: the domain, or the host of the route
     * @return the hosts that may be used, with their demands, or why there is none; does not fail
     */
    CompletionStage<Destination> secure(String domain, Destination.Hosts found);
}
