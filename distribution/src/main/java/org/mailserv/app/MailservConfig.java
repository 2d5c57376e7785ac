package org.mailserv.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.pop3.Pop3Config;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.config.Octets;
import org.mailserv.server.dns.resolver.DnsConfig;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.smtp.SmtpConfig;

/** All settings; {@code reference.conf} says what each is for, and has its default. */
public record MailservConfig(
        String hostname,
        Path dataDir,
        @Nullable Path domainsDir,
        @Nullable String primaryDomain,
        @Nullable Path usersFile,
        @Nullable String user,
        @Nullable String group,
        String tagSeparators,
        Map<String, DomainConfig> domains,
        List<String> relayNetworks,
        List<ListenerConfig> listeners,
        SmtpConfig smtp,
        Pop3Settings pop3,
        SpoolSettings spool,
        NetSettings net,
        LoginSettings login,
        DnsConfig dns,
        RelayConfig relay,
        Duration shutdownTimeout) {

    public MailservConfig {
        CidrSet.parse(relayNetworks);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("listeners: none (expected: at least one)");
        }
    }

    /** What a listener speaks. */
    public enum Kind {
        SMTP,
        POP3
    }

    /** A place to listen. */
    public record ListenerConfig(Kind kind, String address, int port) {
        public ListenerConfig {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
        }
    }

    /** POP3. */
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

        Pop3Config config() {
            return new Pop3Config(idleTimeout, writeTimeout, maxErrors, maxFailedLogins, loginDelay, implementation);
        }
    }

    /** The spool. */
    public record SpoolSettings(
            @Octets int segmentSize,
            int maxSegments,
            Duration segmentAge,
            @Octets int inlineLimit,
            @Octets long memoryLimit,
            double freeSpaceMark,
            int lanes,
            int laneQueue) {}

    /** Sockets and threads. */
    public record NetSettings(EventLoops.Transport transport, int threads, int backlog, int maxConnections) {}

    /** Logins. */
    public record LoginSettings(int hashThreads, Duration failureDelay, int maxFailures, Duration lockout) {}
}
