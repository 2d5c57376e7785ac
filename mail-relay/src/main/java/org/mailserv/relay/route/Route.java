package org.mailserv.relay.route;

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
 */
public record Route(
        @Nullable String host,
        int port,
        TlsPolicy tls,
        boolean tlsFromStart,
        boolean lmtp,
        @Nullable Login login) {

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
                + (login == null ? "" : "/" + login.user());
    }
}
