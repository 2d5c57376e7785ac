package org.mailserv.relay.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.relay.config.EhloKeywords;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.config.RouteConfig;
import org.mailserv.relay.config.TlsPolicy;

/** The routes table. The most specific row applies: the domain itself, its nearest {@code .parent}, or {@code *}. */
public final class Routes {
    private final Map<String, RouteConfig> rows = new HashMap<>();
    private final int defaultPort;
    private final TlsPolicy defaultTls;
    private final Set<String> defaultDiscard;

    public Routes(RelayConfig config) {
        defaultPort = config.port();
        defaultTls = config.tls();
        defaultDiscard = EhloKeywords.upperCase(config.discardEhlo());
        config.routes().forEach((domain, row) -> rows.put(key(domain), row));
    }

    /** Returns the route of a domain. */
    public Route find(String domain) {
        RouteConfig row = row(DomainNames.canonical(domain));
        if (row == null) {
            return new Route(null, defaultPort, defaultTls, false, false, null, defaultDiscard);
        }
        Integer port = row.port();
        TlsPolicy tls = row.tls();
        List<String> discard = row.discardEhlo();
        String user = row.user();
        String password = row.password();
        return new Route(
                row.usesMx() ? null : row.host(),
                port == null ? defaultPort : port,
                tls == null ? defaultTls : tls,
                Boolean.TRUE.equals(row.tlsFromStart()),
                row.protocol() == RouteConfig.Protocol.LMTP,
                user == null || password == null ? null : new Route.Login(user, password),
                discard == null ? defaultDiscard : EhloKeywords.upperCase(discard));
    }

    /** Returns a row's key (a domain, {@code .parent} or {@code *}) in canonical form. */
    private static String key(String text) {
        return text.startsWith(".") ? "." + DomainNames.canonical(text.substring(1)) : DomainNames.canonical(text);
    }

    private @Nullable RouteConfig row(String domain) {
        RouteConfig row = rows.get(domain);
        int dot = domain.startsWith("[") ? -1 : domain.indexOf('.');
        while (row == null && dot >= 0) {
            row = rows.get(domain.substring(dot));
            dot = domain.indexOf('.', dot + 1);
        }
        return row == null ? rows.get("*") : row;
    }
}
