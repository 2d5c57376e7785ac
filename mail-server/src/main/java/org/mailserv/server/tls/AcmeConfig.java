package org.mailserv.server.tls;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Settings for certificates from a certificate authority (CA) by ACME. RFC 8555.
 *
 * @param enabled whether certificates are requested; the operator thereby agrees to the CA's terms of service
 * @param email contact address for the account at the CA; null for none
 * @param directory URL of the CA's directory
 * @param directoryCa PEM file with the root certificates for HTTPS to the directory; null for those of the JVM
 * @param domains names in the certificate besides the host name; empty to use the names that are in the DNS
 * @param challenge the way in which control of the names is proved
 * @param keyType kind of the certificate's key
 * @param profile certificate profile to request; null for the CA's default
 * @param renewAt fraction of a certificate's lifetime after which it is renewed, unless the CA suggests a time
 * @param retry delays after failed attempts; the last one repeats
 * @param jitter fraction by which delays and renewal times vary
 * @param timeout time limit for a validation and for the issuance
 */
public record AcmeConfig(
        boolean enabled,
        @Nullable String email,
        URI directory,
        @Nullable Path directoryCa,
        List<String> domains,
        Challenge challenge,
        ExternalAccount externalAccount,
        KeyType keyType,
        @Nullable String profile,
        double renewAt,
        List<Duration> retry,
        double jitter,
        Duration timeout,
        Endpoint http,
        Endpoint tlsAlpn,
        DnsUpdates dns,
        Rollover rollover) {
    private static final int MOST_NAMES = 100;

    /** The way in which control of a name is proved to the CA. */
    public enum Challenge {
        /** A file on port 80 of the name. RFC 8555, 8.3. */
        HTTP_01,
        /** A TLS handshake on port 443 of the name. RFC 8737. */
        TLS_ALPN_01,
        /** A TXT record. RFC 8555, 8.4. */
        DNS_01;

        /** Returns the name of the challenge in the protocol. */
        public String protocolName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The kind of a certificate's key. */
    public enum KeyType {
        /** ECDSA on P-256. */
        EC,
        /** RSA of 2048 bits. */
        RSA
    }

    /**
     * Credentials for CAs that require an account of theirs. RFC 8555, 7.3.4.
     *
     * @param keyId identifier from the CA; null for none
     * @param secret MAC key from the CA, in base64url
     */
    public record ExternalAccount(
            @Nullable String keyId, @Nullable String secret) {
        public ExternalAccount {
            if (secret != null && !secret.matches("[A-Za-z0-9_-]+=*")) {
                throw new IllegalArgumentException(
                        "secret: the value is not base64url (expected: the key from the CA)");
            }
        }
    }

    /** A listener for validations by the CA. */
    public record Endpoint(String address, int port) {}

    /**
     * Changes to the DNS for DNS-01, by dynamic update (RFC 2136) or by a command.
     *
     * @param server {@code HOST} or {@code HOST:PORT} of the primary server; null for none
     * @param zone zone to update; null to find it by its SOA record
     * @param keyName name of the TSIG key (RFC 8945); null for unsigned updates
     * @param keyAlgorithm HMAC of the TSIG key
     * @param keySecret TSIG key in base64
     * @param ttl TTL of the records
     * @param propagationWait time from the update until the CA is told
     * @param command program and arguments, run with {@code add} or {@code remove}, name and value; empty for none
     * @param commandTimeout time limit for the command
     */
    public record DnsUpdates(
            @Nullable String server,
            @Nullable String zone,
            @Nullable String keyName,
            TsigAlgorithm keyAlgorithm,
            @Nullable String keySecret,
            Duration ttl,
            Duration propagationWait,
            List<String> command,
            Duration commandTimeout) {
        public DnsUpdates {
            command = List.copyOf(command);
            if (keySecret != null && !keySecret.matches("[A-Za-z0-9+/]+=*")) {
                throw new IllegalArgumentException("keySecret: the value is not base64 (expected: the TSIG key)");
            }
        }
    }

    /** HMAC of a TSIG key. RFC 8945, 6. */
    public enum TsigAlgorithm {
        HMAC_SHA256,
        HMAC_SHA384,
        HMAC_SHA512
    }

    /**
     * Changes of the certificate's key.
     *
     * @param delay time for which the next key's TLSA record must have been visible before the key changes
     * @param maxAge age at which a change of the key begins; zero for never
     */
    public record Rollover(Duration delay, Duration maxAge) {}

    public AcmeConfig {
        domains = List.copyOf(domains);
        retry = List.copyOf(retry);
        checkDirectory(directory);
        if (domains.size() >= MOST_NAMES) {
            throw new IllegalArgumentException(
                    "domains: " + domains.size() + " names (expected: at most " + (MOST_NAMES - 1) + ")");
        }
        if (retry.isEmpty() || retry.stream().anyMatch(delay -> delay.compareTo(Duration.ofSeconds(1)) < 0)) {
            throw new IllegalArgumentException("retry: too short (expected: delays of at least 1s, at least one)");
        }
        for (String domain : domains) {
            if (domain.startsWith("*.") && challenge != Challenge.DNS_01) {
                throw new IllegalArgumentException(
                        "domains: " + domain + " (expected: no wildcard unless tls.acme.challenge = dns-01)");
            }
        }
        if (enabled && (dns.keyName() == null) != (dns.keySecret() == null)) {
            throw new IllegalArgumentException("dns: only one of key-name and key-secret (expected: both, or none)");
        }
        if (enabled
                && challenge == Challenge.DNS_01
                && dns.server() == null
                && dns.command().isEmpty()) {
            throw new IllegalArgumentException(
                    "challenge: dns-01 alone (expected: tls.acme.dns.server or tls.acme.dns.command with it)");
        }
    }

    private static void checkDirectory(URI directory) {
        String host = directory.getHost();
        boolean local = host != null && host.matches("localhost|127\\..*|\\[::1\\]");
        boolean usable = host != null
                && ("https".equals(directory.getScheme()) || local && "http".equals(directory.getScheme()));
        if (!usable) {
            throw new IllegalArgumentException(
                    "directory: " + directory + " (expected: an address such as https://acme.example/directory)");
        }
    }

    /** Returns the maximum number of names in a certificate, as the large CAs have it. */
    public static int maxNames() {
        return MOST_NAMES;
    }

    /** Returns the folder of the account, the keys and the certificate, for a folder of TLS files. */
    public static Path folder(Path tlsFolder) {
        return tlsFolder.resolve("acme");
    }

    /** Returns the file that contains the certificate, its chain and its key, for a folder of TLS files. */
    public static Path certificateFile(Path tlsFolder) {
        return folder(tlsFolder).resolve("certificate.pem");
    }

    /** Returns the defaults of {@code reference.conf}: disabled. */
    public static AcmeConfig disabled() {
        return new AcmeConfig(
                false,
                null,
                URI.create("https://acme-v02.api.letsencrypt.org/directory"),
                null,
                List.of(),
                Challenge.HTTP_01,
                new ExternalAccount(null, null),
                KeyType.EC,
                null,
                0.66,
                List.of(Duration.ofMinutes(1)),
                0.1,
                Duration.ofMinutes(2),
                new Endpoint("*", 80),
                new Endpoint("*", 443),
                new DnsUpdates(
                        null,
                        null,
                        null,
                        TsigAlgorithm.HMAC_SHA256,
                        null,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(30),
                        List.of(),
                        Duration.ofMinutes(1)),
                new Rollover(Duration.ofDays(2), Duration.ZERO));
    }
}
