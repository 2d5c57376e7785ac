package org.mailserv.relay.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the routes table. Its key is a domain ({@code example.org}), all subdomains of one ({@code .example.org}), or {@code *}.
 *
 * @param host name or address of the next hop; {@code "mx"} uses the domain's MX records, as without a route
 * @param port its port; null for {@code relay.port}
 * @param tls the TLS policy; null for {@code relay.tls}
 * @param tlsFromStart whether the connection starts with TLS (implicit TLS), as on port 465. RFC 8314, 3.3
 * @param user the user name for a smart host, or null
 * @param password the password for a smart host, or null
 * @param protocol SMTP or LMTP; null for SMTP
 * @param discardEhlo EHLO keywords to ignore; null for {@code relay.discard-ehlo}
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

    /** The protocol of the next hop. */
    public enum Protocol {
        SMTP,
        /** LMTP (RFC 2033): the server replies for each recipient separately. */
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

    /** Creates a route to a host and port with defaults for everything else. */
    public static RouteConfig to(String host, int port) {
        return new RouteConfig(host, port, null, null, null, null, null, null);
    }

    /** Returns whether MX records are still used, so that the row only sets other properties such as TLS. */
    public boolean usesMx() {
        return host.equalsIgnoreCase("mx");
    }

    @Override
    public String toString() {
        return "RouteConfig[host=" + host + ", port=" + port + ", tls=" + tls + ", protocol=" + protocol + "]";
    }
}
