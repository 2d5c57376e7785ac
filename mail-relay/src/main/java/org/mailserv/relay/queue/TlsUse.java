package org.mailserv.relay.queue;

import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.relay.smtp.RelayConnection;

/**
 * The TLS of a connection.
 *
 * @param protocol such as {@code TLSv1.3}; null without TLS
 * @param verifiedBy the requirement that the server's certificate met; null if it was not verified
 */
public record TlsUse(@Nullable String protocol, TlsDemand.@Nullable Source verifiedBy) {
    /** Returns the TLS of an open connection. */
    static TlsUse of(RelayConnection connection) {
        TlsDemand demand = connection.session().demand();
        String protocol = connection.tlsProtocol();
        boolean verified = protocol != null
                && (demand.policy() == TlsPolicy.VERIFY || !demand.tlsa().isEmpty());
        return new TlsUse(protocol, verified ? demand.source() : null);
    }

    /** Returns a description: {@code none}, {@code TLSv1.3, not verified}, {@code TLSv1.3, verified by dane}. */
    public String describe() {
        if (protocol == null) {
            return "none";
        } else if (verifiedBy == null) {
            return protocol + ", not verified";
        }
        return protocol + (verifiedBy == TlsDemand.Source.ROUTE ? ", verified" : ", verified by " + verifiedBy);
    }
}
