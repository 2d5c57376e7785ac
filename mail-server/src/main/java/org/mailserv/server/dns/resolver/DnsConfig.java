package org.mailserv.server.dns.resolver;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.mailserv.server.text.Failures;

/**
 * DNS settings.
 *
 * @param servers {@code address} or {@code address:port}, with IPv6 addresses in brackets before a port; empty for
 *     the system's servers
 * @param timeout timeout of one query to one server
 * @param rounds number of times that all servers are tried before a query fails
 * @param cacheSize maximum number of cached answers
 * @param maxTtl maximum time for which an answer is cached
 * @param maxNegativeTtl maximum time for which a negative answer is cached. RFC 2308, 5
 * @param maxQueries maximum number of concurrent queries; others wait
 * @param trusted whether the servers validate answers and are reached over a secure path, so that their AD bit is
 *     trusted. RFC 7672, 2.1.1
 * @param hostsFile whether addresses in the system's hosts file take precedence
 */
public record DnsConfig(
        List<String> servers,
        Duration timeout,
        int rounds,
        int cacheSize,
        Duration maxTtl,
        Duration maxNegativeTtl,
        int maxQueries,
        boolean trusted,
        boolean hostsFile) {

    private static final int PORT = 53;

    public DnsConfig {
        servers = List.copyOf(servers);
        servers.forEach(DnsConfig::parse);
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: over 0)");
        }
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1 or more)");
        }
        if (maxQueries < 1) {
            throw new IllegalArgumentException("max-queries: " + maxQueries + " (expected: 1 or more)");
        }
    }

    /** Returns the defaults of {@code reference.conf}. */
    public static DnsConfig defaults() {
        return new DnsConfig(
                List.of(),
                Duration.ofSeconds(3),
                2,
                10_000,
                Duration.ofHours(6),
                Duration.ofMinutes(15),
                256,
                false,
                true);
    }

    /** Returns the configured servers with their ports; empty for the system's servers. */
    public List<InetSocketAddress> addresses() {
        return servers.stream().map(DnsConfig::parse).toList();
    }

    static InetSocketAddress parse(String text) {
        String host = text;
        int port = PORT;
        int bracket = text.indexOf(']');
        int colon = text.lastIndexOf(':');
        boolean bareV6 = bracket < 0 && text.indexOf(':') != colon;
        if (colon > bracket && !bareV6) {
            host = text.substring(0, colon);
            port = port(text, text.substring(colon + 1));
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int percent = host.indexOf('%');
        byte[] octets = NetUtil.createByteArrayFromIpAddressString(percent < 0 ? host : host.substring(0, percent));
        if (octets == null || percent >= 0 && octets.length == 4) {
            throw new IllegalArgumentException(
                    "servers: \"" + text + "\" (expected: an IP address, with :port where it is not 53)");
        }
        try {
            InetAddress address = percent < 0
                    ? InetAddress.getByAddress(octets)
                    : Inet6Address.getByAddress(null, octets, scope(text, host.substring(percent + 1)));
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("servers: \"" + text + "\" (" + Failures.text(e) + ")", e);
        }
    }

    /** Returns the index of the network interface of a link-local address. RFC 4007, 11. */
    private static int scope(String text, String zone) {
        try {
            if (!zone.isEmpty() && zone.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Integer.parseInt(zone);
            }
            NetworkInterface named = zone.isEmpty() ? null : NetworkInterface.getByName(zone);
            if (named != null) {
                return named.getIndex();
            }
        } catch (SocketException | NumberFormatException e) {
            throw new IllegalArgumentException("servers: \"" + text + "\" (" + Failures.text(e) + ")", e);
        }
        throw new IllegalArgumentException(
                "servers: \"" + text + "\" (this machine has no network interface \"" + zone + "\")");
    }

    private static int port(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port > 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("servers: \"" + text + "\" (expected: a port of 1 to 65535)", e);
        }
        throw new IllegalArgumentException("servers: \"" + text + "\" (expected: a port of 1 to 65535)");
    }
}
