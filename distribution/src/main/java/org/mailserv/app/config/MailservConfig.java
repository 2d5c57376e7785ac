package org.mailserv.app.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.pop3.Pop3Config;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.route.Routes;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.account.HelperConfig;
import org.mailserv.server.check.ChecksConfig;
import org.mailserv.server.check.milter.MilterSettings;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.config.Octets;
import org.mailserv.server.dns.resolver.DnsConfig;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.pickup.PickupConfig;
import org.mailserv.server.report.DailyReports;
import org.mailserv.server.smtp.SmtpConfig;
import org.mailserv.server.tls.TlsConfig;
import org.mailserv.server.tls.TlsMode;

/** All settings. {@code reference.conf} documents them and contains their defaults. */
public record MailservConfig(
        String hostname,
        Path dataDir,
        @Nullable Path domainsDir,
        @Nullable String primaryDomain,
        @Nullable Path usersFile,
        @Nullable Path aliasesFile,
        @Nullable String user,
        @Nullable String group,
        boolean allowRoot,
        String tagSeparators,
        Map<String, DomainConfig> domains,
        FirstAccount firstAccount,
        List<String> relayNetworks,
        List<ListenerConfig> listeners,
        List<String> plaintextAuthNetworks,
        List<String> xclientNetworks,
        TlsConfig tls,
        SmtpConfig smtp,
        Pop3Settings pop3,
        StoreSettings store,
        ClusterNodeSettings cluster,
        SpoolSettings spool,
        NetSettings net,
        LoginSettings login,
        HelperConfig passwordHelper,
        SrsSettings srs,
        DnsConfig dns,
        RelayConfig relay,
        PickupConfig pickup,
        ChecksConfig checks,
        MilterSettings milters,
        SendingLimits.Config limits,
        DailyReports.Settings reports,
        LogSettings log,
        MessageTraceSettings history,
        HttpSettings http,
        ImapSettings imap,
        Duration shutdownTimeout) {

    public MailservConfig {
        hostname = ascii(hostname, "hostname");
        primaryDomain = primaryDomain == null ? null : ascii(primaryDomain, "primaryDomain");
        domains = byName(domains);
        requireRoutes(domains, relay);
        CidrSet.parse(relayNetworks);
        CidrSet.parse(plaintextAuthNetworks);
        CidrSet.parse(xclientNetworks);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("listeners: none (expected: at least one)");
        }
    }

    /** Returns the users file: the configured one, or {@code users} in the data folder. */
    public Path usersFilePath() {
        return usersFile == null ? dataDir.toAbsolutePath().resolve("users") : usersFile;
    }

    /**
     * An account that the server creates at its start if the users file does not have it.
     *
     * @param address {@code user@domain}; null for none
     * @param password in plain text, or a hash with its scheme in braces; not used once the account exists
     */
    public record FirstAccount(
            @Nullable String address, @Nullable String password) {
        public FirstAccount {
            if (address != null && password == null) {
                throw new IllegalArgumentException("password: missing (expected: the password of " + address + ")");
            }
        }
    }

    /** Returns a name as A-labels. A name in ASCII stays unchanged. */
    private static String ascii(String name, String key) {
        if (!DomainNames.isInternationalized(name)) {
            return name;
        }
        String ascii = DomainNames.toAscii(name);
        if (ascii == null) {
            throw new IllegalArgumentException(
                    key + ": " + name + " is no domain name (expected: a valid name by IDNA2008)");
        }
        return ascii;
    }

    /** A routed domain without a route would look up its own MX, which is this server. */
    private static void requireRoutes(Map<String, DomainConfig> domains, RelayConfig relay) {
        Routes routes = new Routes(relay);
        domains.forEach((name, domain) -> {
            if (domain.isRouted() && routes.find(name).host() == null) {
                throw new IllegalArgumentException("domains: " + name
                        + " is routed, but no route names a host for it (expected: an entry in relay.routes)");
            }
        });
    }

    /** Returns the domains by their canonical names, whatever form the configuration uses. */
    private static Map<String, DomainConfig> byName(Map<String, DomainConfig> written) {
        Map<String, DomainConfig> domains = new LinkedHashMap<>();
        written.forEach((name, domain) -> {
            String ascii = DomainNames.toAscii(name);
            if (ascii == null) {
                throw new IllegalArgumentException(
                        "domains: " + name + " is no domain name (expected: a valid name by IDNA2008)");
            } else if (domains.put(ascii, domain) != null) {
                throw new IllegalArgumentException(
                        "domains: " + name + " is there in another form too, which is the same" + " domain, " + ascii
                                + " (expected: each domain once)");
            }
        });
        return Collections.unmodifiableMap(domains);
    }

    /** Returns the aliases file: the configured one, or {@code aliases} in the data folder. */
    public Path aliasesFilePath() {
        return aliasesFile == null ? dataDir.toAbsolutePath().resolve("aliases") : aliasesFile.toAbsolutePath();
    }

    /** Protocol of a listener, with its default port and TLS mode. */
    public enum Kind {
        SMTP(25, TlsMode.STARTTLS),
        SUBMISSION(587, TlsMode.STARTTLS),
        SUBMISSIONS(465, TlsMode.IMPLICIT),
        LMTP(24, TlsMode.NONE),
        POP3(110, TlsMode.STARTTLS),
        POP3S(995, TlsMode.IMPLICIT);

        private final int port;
        private final TlsMode tls;

        Kind(int port, TlsMode tls) {
            this.port = port;
            this.tls = tls;
        }

        public boolean isPop3() {
            return this == POP3 || this == POP3S;
        }

        public boolean isSubmission() {
            return this == SUBMISSION || this == SUBMISSIONS;
        }
    }

    /**
     * A listener.
     *
     * @param port null for that of the kind
     * @param tls null for that of the kind
     * @param auth whether clients may authenticate; null for submission only
     * @param proxyFrom networks of proxies that send the PROXY protocol
     */
    public record ListenerConfig(
            Kind kind,
            String address,
            @Nullable Integer port,
            @Nullable TlsMode tls,
            @Nullable Boolean auth,
            List<String> proxyFrom) {
        public ListenerConfig {
            if (port != null && (port < 0 || port > 65535)) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
            CidrSet.parse(proxyFrom);
            proxyFrom = List.copyOf(proxyFrom);
        }

        public int effectivePort() {
            return port == null ? kind.port : port;
        }

        public TlsMode tlsMode() {
            return tls == null ? kind.tls : tls;
        }

        public boolean isImplicitTls() {
            return tlsMode() == TlsMode.IMPLICIT;
        }

        public boolean hasAuth() {
            return auth == null ? kind.isSubmission() : auth;
        }
    }

    /** Settings of POP3. */
    public record Pop3Settings(
            Duration idleTimeout,
            Duration writeTimeout,
            int maxErrors,
            int maxFailedLogins,
            Duration loginDelay,
            String implementation,
            List<String> plaintextNetworks,
            List<String> passwordlessNetworks) {

        public Pop3Settings {
            CidrSet.parse(plaintextNetworks);
            CidrSet.parse(passwordlessNetworks);
        }

        public Pop3Config config() {
            return new Pop3Config(idleTimeout, writeTimeout, maxErrors, maxFailedLogins, loginDelay, implementation);
        }
    }

    /** Settings of the spool. */
    public record SpoolSettings(
            @Octets int segmentSize,
            int maxSegments,
            Duration segmentAge,
            @Octets int inlineLimit,
            @Octets long memoryLimit,
            @Octets long recentLimit,
            Duration stateDelay,
            double freeSpaceMark,
            int lanes,
            int laneQueue) {
        public SpoolSettings {
            if (inlineLimit > segmentSize / 2) {
                throw new IllegalArgumentException(
                        "inlineLimit: " + inlineLimit + " (expected: at most half of spool.segment-size)");
            }
        }
    }

    /** Settings of sockets and threads. */
    public record NetSettings(
            EventLoops.Transport transport,
            int threads,
            int backlog,
            int maxConnections,
            int maxConnectionsPerClient,
            int maxNewConnections,
            int gatewayNames,
            List<String> exemptNetworks) {
        public NetSettings {
            CidrSet.parse(exemptNetworks);
        }
    }

    /** Rewriting of the senders of forwarded mail. */
    public record SrsSettings(boolean enabled, Duration maxAge) {
        public SrsSettings {
            if (maxAge.toDays() < 1 || maxAge.toDays() > 1000) {
                throw new IllegalArgumentException("max-age: " + maxAge.toDays() + " days (expected: 1 to 1000)");
            }
        }
    }

    /** Settings of logins. */
    public record LoginSettings(
            int hashThreads,
            Duration failureDelay,
            int maxFailures,
            Duration lockout,
            int cacheSize,
            Duration cacheTime) {}
}
