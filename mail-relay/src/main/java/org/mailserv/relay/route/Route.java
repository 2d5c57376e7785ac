package org.mailserv.relay.route;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.TlsPolicy;

/**
 * How a domain's mail is to go, by the configuration.
 *
 * @param host the configured next hop, or null to ask the DNS for the MX
 * @param port of the server
 * @param tls what is wanted of TLS
 * @param tlsFromStart whether TLS begins with the connection
 * @param lmtp whether the server speaks LMTP
 * @param login for AUTH, or null
 * @param discardEhlo keywords in upper case that are taken as not offered, whatever the server says
 */
public record Route(
        @Nullable String host,
        int port,
        TlsPolicy tls,
        boolean tlsFromStart,
        boolean lmtp,
        @Nullable Login login,
        Set<String> discardEhlo) {

    public Route {
        discardEhlo = Set.copyOf(discardEhlo);
    }

    /** A route that discards no keyword. */
    public Route(
            @Nullable String host, int port, TlsPolicy tls, boolean tlsFromStart, boolean lmtp, @Nullable Login login) {
        this(host, port, tls, tlsFromStart, lmtp, login, Set.of());
    }

    /** User and password of a smart host; never logged. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /** What must be the same for two destinations to share a session, as a text. */
    String sessionKey() {
        return port + "/" + tls + (tlsFromStart ? "/tls" : "") + (lmtp ? "/lmtp" : "")
                + (login == null ? "" : "/" + login.user())
                + (discardEhlo.isEmpty() ? "" : "/-" + String.join("-", new TreeSet<>(discardEhlo)));
    }
}
