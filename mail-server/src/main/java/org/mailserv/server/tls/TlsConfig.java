package org.mailserv.server.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of TLS.
 *
 * @param certificates the first is for clients that name no host; empty for a self-signed one
 * @param provider of TLS, for listeners and for outgoing connections
 * @param protocols {@code TLSv1.2}, {@code TLSv1.3}
 * @param ciphers names as Java has them, in order; empty for the built-in choice
 * @param sessionTickets whether sessions can be resumed; some senders stumble over TLS 1.3 tickets on port 25
 * @param handshakeTimeout most time for a handshake
 * @param lookInterval how often the files are looked at for changes
 */
public record TlsConfig(
        List<CertificateConfig> certificates,
        Provider provider,
        List<String> protocols,
        List<String> ciphers,
        boolean sessionTickets,
        Duration handshakeTimeout,
        Duration lookInterval) {

    /** Whose TLS. */
    public enum Provider {
        /**
         * For listeners, BoringSSL where it loads and can serve the key, else the JDK's; for outgoing connections the JDK's, because BoringSSL takes
         * no certificates with keys on P-521, Ed25519, Ed448 or RSA-PSS from servers.
         */
        AUTO,
        BORINGSSL,
        JDK
    }

    /**
     * A certificate for the names that it contains.
     *
     * @param certificate PEM, the server's own and those above it
     * @param key PEM, PKCS#8, PKCS#1 or SEC 1, without a password; null when it is in the certificate's file
     */
    public record CertificateConfig(
            Path certificate, @Nullable Path key) {
        /** Returns the file that the key is in. */
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

    /** As {@code reference.conf} has them. */
    public static TlsConfig defaults() {
        return new TlsConfig(
                List.of(),
                Provider.AUTO,
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(),
                false,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5));
    }
}
