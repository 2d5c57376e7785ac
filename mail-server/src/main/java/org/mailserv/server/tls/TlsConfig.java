package org.mailserv.server.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings.
 *
 * @param certificates certificates, of which the first serves clients that send no server name; empty for a
 *     self-signed one
 * @param provider TLS provider for listeners and outgoing connections
 * @param protocols {@code TLSv1.2}, {@code TLSv1.3}
 * @param ciphers cipher suites in order, by their Java names; empty for the built-in list
 * @param sessionTickets whether sessions can be resumed; some senders fail with TLS 1.3 tickets on port 25
 * @param handshakeTimeout maximum duration of a handshake
 * @param lookInterval interval at which the files are checked for changes
 * @param acme certificates from a certificate authority, in addition to {@code certificates}
 */
public record TlsConfig(
        List<CertificateConfig> certificates,
        Provider provider,
        List<String> protocols,
        List<String> ciphers,
        boolean sessionTickets,
        Duration handshakeTimeout,
        Duration lookInterval,
        AcmeConfig acme) {

    /** The TLS provider. */
    public enum Provider {
        /**
         * For listeners, BoringSSL if it loads and supports the key, otherwise the JDK. For outgoing connections, the
         * JDK: BoringSSL rejects server certificates with keys on P-521, Ed25519, Ed448 or RSA-PSS.
         */
        AUTO,
        BORINGSSL,
        JDK
    }

    /**
     * A certificate that is served for the names it contains.
     *
     * @param certificate PEM file with the server's certificate and its chain
     * @param key PEM file with the unencrypted key in PKCS#8, PKCS#1 or SEC 1; null if the certificate's file
     *     contains it
     */
    public record CertificateConfig(
            Path certificate, @Nullable Path key) {
        /** Returns the file that contains the key. */
        public Path keyFile() {
            return key == null ? certificate : key;
        }
    }

    public TlsConfig {
        certificates = List.copyOf(certificates);
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
        for (String protocol : protocols) {
            if (!List.of("TLSv1.2", "TLSv1.3", "TLSv1.1", "TLSv1").contains(protocol)) {
                throw new IllegalArgumentException("protocols: " + protocol + " (expected: TLSv1.2, TLSv1.3)");
            }
        }
    }

    /** Returns the defaults of {@code reference.conf}. */
    public static TlsConfig defaults() {
        return new TlsConfig(
                List.of(),
                Provider.AUTO,
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(),
                false,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                AcmeConfig.disabled());
    }
}
