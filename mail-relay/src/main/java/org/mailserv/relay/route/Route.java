package org.mailserv.relay.route;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.TlsPolicy;

/**
 * The configured route for a domain's mail.
 *
 * @param host the configured next hop, or null to use the domain's MX records
 * @param port of the server
 * @param tls the TLS policy
 * @param tlsFromStart whether the connection starts with TLS (implicit TLS)
 * @param lmtp whether the server speaks LMTP
 * @param login credentials for AUTH, or null
 * @param discardEhlo EHLO keywords in upper case that are ignored even if the server offers them
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

    /** Creates a route that ignores no EHLO keyword. */
    public Route(
            @Nullable String host, int port, TlsPolicy tls, boolean tlsFromStart, boolean lmtp, @Nullable Login login) {
        this(host, port, tls, tlsFromStart, lmtp, login, Set.of());
    }

    /** Credentials for a smart host. The password is never logged. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /** Returns a key that is equal for routes whose destinations may share a session. */
    String sessionKey() {
        return port + "/" + tls + (tlsFromStart ? "/tls" : "") + (lmtp ? "/lmtp" : "")
                + (login == null ? "" : "/" + login.user())
                + (discardEhlo.isEmpty() ? "" : "/-" + String.join("-", new TreeSet<>(discardEhlo)));
    }
}
