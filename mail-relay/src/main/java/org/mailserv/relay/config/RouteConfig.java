package org.mailserv.relay.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the routes table, whose key is a domain ({@code example.org}), its sub-domains ({@code .example.org}), or {@code *}.
 *
 * @param host name or address of the server that takes the mail, {@code "mx"} to ask the DNS as without a route
 * @param port its port; null for {@code relay.port}
 * @param tls what is wanted of TLS; null for {@code relay.tls}
 * @param tlsFromStart whether TLS begins with the connection, as on port 465. RFC 8314, 3.3
 * @param user login of a smart host, or null
 * @param password its password, or null
 * @param protocol SMTP or LMTP; null for SMTP
 * @param discardEhlo keywords that are taken as not offered; null for {@code relay.discard-ehlo}
 */
public record RouteConfig(
        String host,
        @Nullable Integer port,
        @Nullable TlsPolicy tls,
        @Nullable Boolean tlsFromStart,
        @Nullable String user,
        @Nullable String password,
        @Nullable Protocol protocol,
        @Nullable List<String> discardEhlo) {

    /** What the server speaks. */
    public enum Protocol {
        SMTP,
        /** RFC 2033: each recipient has its own reply to the message. */
        LMTP
    }

    public RouteConfig {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: empty (expected: a name, an address, or mx)");
        }
        if (port != null && (port < 1 || port > 65535)) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException("user: needs a password, and a password needs a user");
        }
        discardEhlo = discardEhlo == null ? null : EhloKeywords.checked("discard-ehlo", discardEhlo);
    }

    /** To a host and port, with nothing else said. */
    public static RouteConfig to(String host, int port) {
        return new RouteConfig(host, port, null, null, null, null, null, null);
    }

    /** Whether the DNS is asked for the MX all the same, so that the row only sets TLS. */
    public boolean usesMx() {
        return host.equalsIgnoreCase("mx");
    }

    @Override
    public String toString() {
        return "RouteConfig[host=" + host + ", port=" + port + ", tls=" + tls + ", protocol=" + protocol + "]";
    }
}
