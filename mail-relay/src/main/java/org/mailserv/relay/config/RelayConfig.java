package org.mailserv.relay.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * All settings of the relay.
 *
 * @param port of other servers: 25
 * @param maxConnections outgoing connections open at once, in all (M11's sender threads; F2)
 * @param maxConnectionsPerMx to one address; above 1 the number grows on success and halves when the server complains (U15)
 * @param pipelineDepth messages on the way in one connection, where the server offers PIPELINING and CHUNKING
 * @param maxRecipients most recipients of a transaction. RFC 5321, 4.5.3.1.8
 * @param messagesPerConnection after which a connection is closed
 * @param idleTime how long a connection without work is kept
 * @param tls what is wanted of TLS where no route says otherwise
 * @param discardEhlo keywords that are taken as not offered where no route says otherwise
 * @param convertSigned which messages with signatures of others are converted
 * @param dane whether TLSA records are followed, where the resolver is trusted. RFC 7672
 * @param mtaSts whether policies published over HTTPS are followed. RFC 8461
 * @param allowLoopback whether mail may go to loopback addresses, which tests and containers want
 * @param bindAddresses local addresses that connections come from: at most one IPv4 and one IPv6 address
 * @param helo the name in EHLO; null for the server's name
 * @param routes domain, {@code .example.org} for sub-domains, or {@code *} to its route
 * @param connectsPerRound failed connects that end a round for a destination (F2)
 * @param headStart of IPv6 before IPv4 of the same host is tried too. RFC 8305, 5
 * @param maxHosts most MX hosts that are looked at
 * @param timeouts of each stage
 * @param retry the schedule
 * @param bounce notices to senders
 * @param activeMessages most messages that are open at once to be sent
 * @param readers threads that read messages
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
     * When a message is tried again.
     *
     * @param schedule waits between tries; the last one is repeated
     * @param jitter part of a wait by which it may be longer or shorter, 0 to 1
     * @param lifetime after which a message goes back to its sender
     * @param bounceLifetime the same for a bounce
     * @param delayWarning after which the sender is told once that it is late; zero for never
     * @param uncertainLosses losses of the connection after the whole message was sent, and before its answer, after which it is not
     *     sent again and the sender is told
     * @param minHint shortest wait that a server's words can ask for
     * @param maxHint longest wait that a server's words can ask for
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

        /** 1m, 5m, 15m, 30m, 1h, 2h, then every 4h for 5 days. */
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
     * Notices to senders.
     *
     * @param maxReturned most octets of a message that is sent back whole; of a larger one the header is
     * @param keepUndeliverable whether a bounce that cannot be delivered goes to the postmaster, and not just into the log
     */
    public record BounceConfig(@Octets int maxReturned, boolean keepUndeliverable) {
        public static BounceConfig defaults() {
            return new BounceConfig(50 * 1024, false);
        }
    }

    /**
     * Policies of MTA-STS.
     *
     * @param port of the servers that publish them: 443
     * @param timeout for getting one
     * @param cacheSize most policies in memory
     */
    public record MtaStsConfig(boolean enabled, int port, Duration timeout, int cacheSize) {
        public static MtaStsConfig defaults() {
            return new MtaStsConfig(true, 443, Duration.ofSeconds(30), 10_000);
        }
    }

    /** The same with another routes table. */
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

    /** As {@code reference.conf} has them. */
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
