package org.mailserv.relay.route;

import java.util.List;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.server.dns.Dns.TlsaRecord;

/**
 * What TLS to a host has to be like.
 *
 * @param policy as a route could ask for it
 * @param tlsa records one of which the certificate has to fit, in place of a look at who signed it; empty without DANE
 * @param source who asks: {@code route}, {@code dane} or {@code mta-sts}
 */
public record TlsDemand(TlsPolicy policy, List<TlsaRecord> tlsa, String source) {
    public TlsDemand {
        tlsa = List.copyOf(tlsa);
    }

    /** As the route says. */
    public static TlsDemand of(Route route) {
        return new TlsDemand(route.tls(), List.of(), "route");
    }

    /** By the policy that the domain publishes over HTTPS. RFC 8461, 4. */
    public static TlsDemand mtaSts() {
        return new TlsDemand(TlsPolicy.VERIFY, List.of(), "mta-sts");
    }

    /** By the records that the host has in a signed zone; none that can be used means TLS without a name. RFC 7672, 2.2. */
    public static TlsDemand dane(List<TlsaRecord> usable) {
        return new TlsDemand(TlsPolicy.MUST, usable, "dane");
    }

    /** Connections with another demand are not shared. */
    String key() {
        return source + "/" + policy + "/" + tlsa.size();
    }

    @Override
    public String toString() {
        return policy + (source.equals("route") ? "" : " (" + source + ")");
    }
}
