package org.mailserv.relay.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * The settings of the relay.
 *
 * @param port the port of other servers: 25
 * @param maxConnections maximum number of open outgoing connections
 * @param maxConnectionsPerMx maximum number of connections to one address; above 1 the number grows on success and halves when the server is overloaded
 * @param pipelineDepth maximum number of messages in flight per connection, if the server offers PIPELINING and CHUNKING
 * @param maxRecipients maximum number of recipients per transaction. RFC 5321, 4.5.3.1.8
 * @param messagesPerConnection maximum number of messages per connection
 * @param idleTime time after which an idle connection is closed
 * @param tls TLS policy, unless a route overrides it
 * @param discardEhlo EHLO keywords to ignore, unless a route overrides them
 * @param convertSigned the messages with third-party signatures that may be converted
 * @param dane whether TLSA records are used, if the resolver is trusted. RFC 7672
 * @param mtaSts settings of MTA-STS policies. RFC 8461
 * @param allowLoopback whether mail may be sent to loopback addresses, for tests and containers
 * @param bindAddresses source addresses of connections: at most one IPv4 and one IPv6 address
 * @param helo the name in EHLO; null for the server's name
 * @param routes domain, {@code .example.org} for sub-domains, or {@code *} to its route
 * @param connectsPerRound failed connections after which an attempt on a destination ends
 * @param headStart delay before the second address family of a host is tried as well. RFC 8305, 5
 * @param maxHosts maximum number of MX hosts per domain
 * @param timeouts the timeout of each stage
 * @param retry the retry schedule
 * @param bounce settings of notices to senders
 * @param activeMessages maximum number of messages open for sending
 * @param readers number of threads that read messages
 */
public record RelayConfig(
        int port,
        int maxConnections,
        int maxConnectionsPerMx,
        int pipelineDepth,
        int maxRecipients,
        int messagesPerConnection,
        Duration idleTime,
        TlsPolicy tls,
        List<String> discardEhlo,
        ConvertSigned convertSigned,
        boolean dane,
        MtaStsConfig mtaSts,
        boolean allowLoopback,
        List<String> bindAddresses,
        @Nullable String helo,
        Map<String, RouteConfig> routes,
        int connectsPerRound,
        Duration headStart,
        int maxHosts,
        ClientTimeouts timeouts,
        RetryConfig retry,
        BounceConfig bounce,
        int activeMessages,
        int readers) {

    public RelayConfig {
        positive("maxConnections", maxConnections);
        positive("maxConnectionsPerMx", maxConnectionsPerMx);
        positive("pipelineDepth", pipelineDepth);
        positive("maxRecipients", maxRecipients);
        positive("messagesPerConnection", messagesPerConnection);
        positive("connectsPerRound", connectsPerRound);
        positive("maxHosts", maxHosts);
        positive("activeMessages", activeMessages);
        positive("readers", readers);
        discardEhlo = EhloKeywords.checked("discardEhlo", discardEhlo);
        bindAddresses = List.copyOf(bindAddresses);
        routes = Map.copyOf(routes);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
        }
    }

    /**
     * The retry schedule.
     *
     * @param schedule waits between attempts; the last one is repeated
     * @param jitter fraction of a wait by which it is randomly lengthened or shortened, 0 to 1
     * @param lifetime time after which a message bounces
     * @param bounceLifetime time after which a bounce is given up
     * @param delayWarning time after which the sender is warned once about the delay; zero disables the warning
     * @param uncertainLosses number of connections lost between the end of the message and its reply, after which the message bounces
     * @param minHint minimum wait that a server's reply text can request
     * @param maxHint maximum wait that a server's reply text can request
     */
    public record RetryConfig(
            List<Duration> schedule,
            double jitter,
            Duration lifetime,
            Duration bounceLifetime,
            Duration delayWarning,
            int uncertainLosses,
            Duration minHint,
            Duration maxHint) {

        public RetryConfig {
            if (schedule.isEmpty() || schedule.stream().anyMatch(wait -> wait.isNegative() || wait.isZero())) {
                throw new IllegalArgumentException("schedule: " + schedule + " (expected: one wait or more, over 0)");
            }
            if (!(jitter >= 0 && jitter <= 1)) {
                throw new IllegalArgumentException("jitter: " + jitter + " (expected: 0 to 1)");
            }
            positive("uncertainLosses", uncertainLosses);
            schedule = List.copyOf(schedule);
        }

        /** Returns the defaults: 1m, 5m, 15m, 30m, 1h, 2h, then every 4h for 5 days. */
        public static RetryConfig defaults() {
            return new RetryConfig(
                    List.of(
                            Duration.ofMinutes(1),
                            Duration.ofMinutes(5),
                            Duration.ofMinutes(15),
                            Duration.ofMinutes(30),
                            Duration.ofHours(1),
                            Duration.ofHours(2),
                            Duration.ofHours(4)),
                    0.1,
                    Duration.ofDays(5),
                    Duration.ofDays(1),
                    Duration.ofHours(4),
                    3,
                    Duration.ofSeconds(10),
                    Duration.ofHours(1));
        }
    }

    /**
     * Settings of notices to senders.
     *
     * @param maxReturned maximum size in octets of a message that is returned in full; of a larger one only the header is returned
     * @param keepUndeliverable whether an undeliverable bounce is sent to the postmaster instead of only being logged
     */
    public record BounceConfig(@Octets int maxReturned, boolean keepUndeliverable) {
        public static BounceConfig defaults() {
            return new BounceConfig(50 * 1024, false);
        }
    }

    /**
     * Settings of MTA-STS.
     *
     * @param port the HTTPS port of policy servers: 443
     * @param timeout the timeout for fetching a policy
     * @param cacheSize maximum number of policies in memory
     */
    public record MtaStsConfig(boolean enabled, int port, Duration timeout, int cacheSize) {
        public static MtaStsConfig defaults() {
            return new MtaStsConfig(true, 443, Duration.ofSeconds(30), 10_000);
        }
    }

    /** Returns a copy with another routes table. */
    public RelayConfig withRoutes(Map<String, RouteConfig> changed) {
        return new RelayConfig(
                port,
                maxConnections,
                maxConnectionsPerMx,
                pipelineDepth,
                maxRecipients,
                messagesPerConnection,
                idleTime,
                tls,
                discardEhlo,
                convertSigned,
                dane,
                mtaSts,
                allowLoopback,
                bindAddresses,
                helo,
                changed,
                connectsPerRound,
                headStart,
                maxHosts,
                timeouts,
                retry,
                bounce,
                activeMessages,
                readers);
    }

    /** Returns the defaults of {@code reference.conf}. */
    public static RelayConfig defaults() {
        return new RelayConfig(
                25,
                100,
                1,
                8,
                100,
                1000,
                Duration.ofSeconds(5),
                TlsPolicy.MAY,
                List.of(),
                ConvertSigned.DKIM,
                true,
                MtaStsConfig.defaults(),
                false,
                List.of(),
                null,
                Map.of(),
                2,
                Duration.ofMillis(250),
                10,
                ClientTimeouts.defaults(),
                RetryConfig.defaults(),
                BounceConfig.defaults(),
                1000,
                4);
    }
}
