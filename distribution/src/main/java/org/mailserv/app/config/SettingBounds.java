package org.mailserv.app.config;

import io.netty.util.NetUtil;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.net.CidrSet;

/**
 * The valid ranges of settings. A value that the server could not run with is rejected with its file, line and key. A number or time not
 * listed here is at least 0; a text or path is not empty.
 */
public final class SettingBounds {
    private static final long MOST = 1_000_000_000;
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Map<String, long[]> NUMBERS = new HashMap<>();
    /** Times above 0: timeouts and intervals. */
    private static final Set<String> OVER_ZERO = Set.of(
            "tls.handshake-timeout",
            "tls.look-interval",
            "tls.acme.timeout",
            "tls.acme.dns.ttl",
            "tls.acme.dns.command-timeout",
            "smtp.command-timeout",
            "smtp.data-timeout",
            "smtp.session-timeout",
            "pop3.idle-timeout",
            "pop3.write-timeout",
            "spool.segment-age",
            "store.cassandra.request-timeout",
            "store.cassandra.conditional-timeout",
            "store.cassandra.start-timeout",
            "password-helper.timeout",
            "login.lockout",
            "pickup.scan-interval",
            "dns.timeout",
            "relay.mta-sts.timeout",
            "relay.timeouts.connect",
            "relay.timeouts.greeting",
            "relay.timeouts.hello",
            "relay.timeouts.mail",
            "relay.timeouts.rcpt",
            "relay.timeouts.data-start",
            "relay.timeouts.data-block",
            "relay.timeouts.data-end",
            "relay.timeouts.quit",
            "relay.retry.lifetime",
            "relay.retry.bounce-lifetime",
            "checks.timeout",
            "checks.greylist.window",
            "checks.greylist.keep",
            "milters.connect-timeout",
            "milters.command-timeout",
            "milters.end-timeout");
    /** Maximum times that a timer or the DNS library supports. */
    private static final Map<String, Duration> SHORTER = Map.of(
            "spool.state-delay", Duration.ofSeconds(1),
            "dns.timeout", Duration.ofMinutes(10),
            "shutdown-timeout", Duration.ofDays(1),
            "login.failure-delay", Duration.ofMinutes(10),
            "smtp.greet-pause", Duration.ofMinutes(10));

    private static final Set<String> MAY_BE_EMPTY = Set.of("tag-separators", "pop3.implementation");

    static {
        between(1 << 20, 1 << 30, "spool.segment-size");
        between(2, 1024, "spool.max-segments");
        between(1, 256, "spool.lanes", "relay.readers", "login.hash-threads");
        between(0, 1024, "net.threads");
        between(1, 65_535, "net.backlog", "relay.port", "relay.mta-sts.port", "dns.max-queries");
        between(0, 65_535, "http.port", "http.tls.port", "listeners[].port", "relay.routes.port");
        between(0, 65_535, "tls.acme.http.port", "tls.acme.tls-alpn.port");
        between(1, 10_000_000, "net.max-connections", "relay.max-connections");
        between(1, 100, "store.cassandra.replication-factor");
        between(1, 1_000_000, "store.cassandra.max-requests", "store.cassandra.max-waiting");
        between(1, 1_000_000, "spool.lane-queue");
        between(
                1,
                1000,
                "relay.max-connections-per-mx",
                "relay.pipeline-depth",
                "relay.max-hosts",
                "milters.max-connections");
        between(1, 1000, "dns.rounds", "password-helper.max-running", "log.keep", "relay.connects-per-round");
        between(1, 10_000_000, "password-helper.max-waiting", "checks.greylist.max-entries", "limits.max-entries");
        between(0, 10_000_000, "login.cache-size", "dns.cache-size", "relay.mta-sts.cache-size");
        between(1, 1_000_000, "relay.active-messages", "relay.max-recipients", "smtp.max-recipients");
        between(1, MOST, "smtp.max-errors", "smtp.max-commands", "smtp.max-failed-logins", "smtp.hop-limit");
        between(
                1,
                MOST,
                "smtp.own-hop-limit",
                "relay.messages-per-connection",
                "login.max-failures",
                "limits.brake-floor");
        between(1, MOST, "pop3.max-errors", "pop3.max-failed-logins");
        between(1, 1L << 40, "smtp.max-message-size");
        between(1, 3650, "history.days");
        between(1, 100_000, "limits.vacation-senders");
        between(10_000, 1L << 50, "history.max-size");
        between(1000, 1L << 50, "log.max-size");
        between(-MOST, MOST, "checks.lists.threshold", "checks.lists.zones[].weight");
        between(0, 1000, "checks.max-signatures");
    }

    private SettingBounds() {}

    private static void between(long least, long most, String... keys) {
        for (String key : keys) {
            NUMBERS.put(key, new long[] {least, most});
        }
    }

    /**
     * Checks a value.
     *
     * @param path of its key
     * @return the expected values, or null if the value is valid
     */
    static @Nullable String expected(String path, Object value) {
        String key =
                path.replaceAll("\\[\\d+\\]", "[]").replaceFirst("^relay\\.routes\\.(.*)\\.(\\w+)$", "relay.routes.$2");
        if (value instanceof Duration time) {
            return time(key, time);
        } else if (value instanceof Integer || value instanceof Long) {
            long[] bounds =
                    NUMBERS.getOrDefault(key, new long[] {0, value instanceof Long ? 1L << 60 : Integer.MAX_VALUE});
            long number = ((Number) value).longValue();
            return number >= bounds[0] && number <= bounds[1] ? null : bounds[0] + " to " + bounds[1];
        } else if (value instanceof Double number) {
            return real(key, number);
        } else if (value instanceof Path file) {
            return file.toString().isBlank() ? "a path" : null;
        }
        return value instanceof String text ? text(key, text) : null;
    }

    private static @Nullable String time(String key, Duration time) {
        Duration most = SHORTER.getOrDefault(key, LONGEST);
        boolean overZero = OVER_ZERO.contains(key);
        if (time.isNegative() || overZero && time.isZero()) {
            return overZero ? "over 0" : "0 or more";
        }
        return time.compareTo(most) > 0
                ? "at most " + (most.toDays() > 0 ? most.toDays() + "d" : most.toSeconds() + "s")
                : null;
    }

    private static @Nullable String real(String key, double number) {
        if (key.equals("limits.brake-factor")) {
            return number >= 1 && number <= MOST ? null : "1 or more";
        }
        return number >= 0 && number <= 1 ? null : "0 to 1";
    }

    private static @Nullable String text(String key, String text) {
        if (text.isBlank() && !MAY_BE_EMPTY.contains(key)) {
            return "not empty";
        } else if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            return "no control characters";
        } else if (key.endsWith("networks[]") || key.endsWith("proxy-from[]")) {
            return isNetwork(text) ? null : "an address such as 192.0.2.1 or a network such as 192.0.2.0/24";
        }
        return switch (key) {
            case "hostname", "relay.helo", "primary-domain" -> isHostName(text) ? null : "a host name";
            case "listeners[].address",
                    "http.address",
                    "http.tls.address",
                    "tls.acme.http.address",
                    "tls.acme.tls-alpn.address" ->
                text.equals("*") || NetUtil.createByteArrayFromIpAddressString(text) != null || isHostName(text)
                        ? null
                        : "an address of this machine, or *";
            case "relay.bind-addresses[]" ->
                NetUtil.createByteArrayFromIpAddressString(text) != null ? null : "an IPv4 or IPv6 address";
            case "reports.sender" -> isAddress(text) ? null : "an address such as reports@example.org";
            case "milters.filters[].address" ->
                text.matches("inet:.+:\\d{1,5}|unix:/.+") ? null : "inet:HOST:PORT or unix:/PATH";
            case "tls.acme.domains[]" ->
                isHostName(text.startsWith("*.") ? text.substring(2) : text) ? null : "a host name";
            case "tls.acme.email" -> isAddress(text) ? null : "an address such as ann@example.org";
            case "log.syslog", "tls.acme.dns.server" -> isHostAndPort(text) ? null : "HOST or HOST:PORT";
            default -> null;
        };
    }

    private static boolean isAddress(String text) {
        Address address = PathParser.parseAddress(text);
        return address != null && !address.domain().isEmpty();
    }

    private static boolean isNetwork(String text) {
        try {
            CidrSet.parse(List.of(text));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isHostName(String text) {
        return text.length() <= 255
                && text.matches("[\\p{L}\\p{M}\\p{N}_\\[]([\\p{L}\\p{M}\\p{N}_.:-]*[\\p{L}\\p{M}\\p{N}_.\\]])?");
    }

    private static boolean isHostAndPort(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || text.indexOf(':') != colon) {
            return colon != 0 && !text.contains(" ");
        }
        String port = text.substring(colon + 1);
        return port.matches("\\d{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535;
    }
}
