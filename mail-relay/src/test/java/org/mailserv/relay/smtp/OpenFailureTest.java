package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.report.TlsResult;
import org.mailserv.server.testing.TestCertificate;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsConfig;

/** The result types of TLS reports, from the exceptions of real handshakes. */
class OpenFailureTest {
    private static final TlsDemand VERIFY =
            new TlsDemand(TlsPolicy.VERIFY, List.of(), List.of(), TlsDemand.Source.ROUTE);

    @TempDir
    Path folder;

    private OpenFailure failure(TlsConfig.Provider provider, TestCertificate trusted, TestCertificate served)
            throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("trusted", trusted.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        try (ServerTls server = Handshakes.server(folder, TlsConfig.Provider.JDK, "TLSv1.3", served)) {
            Throwable cause = Handshakes.cause(new TlsClients(provider, trust), VERIFY, "mx.test", server);
            return OpenFailure.handshake(
                    OpenFailure.Kind.POLICY, "a handshake", Objects.requireNonNull(cause, "the handshake succeeded"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JDK", "BORINGSSL"})
    @DisplayName(
            "A refused certificate is reported as expired, for another host, or not trusted, by either implementation of TLS")
    void certificates(TlsConfig.Provider provider) throws Exception {
        TestCertificate root =
                TestCertificate.of("P-256").subject("root.test").authority().make();
        TestCertificate expired = TestCertificate.of("P-256")
                .subject("mx.test")
                .names("mx.test")
                .issuedBy(root)
                .notAfter(Instant.now().minusSeconds(3600))
                .make();
        TestCertificate other = TestCertificate.of("P-256")
                .subject("other.test")
                .names("other.test")
                .issuedBy(root)
                .make();
        TestCertificate unknown =
                TestCertificate.of("P-256").subject("mx.test").names("mx.test").make();

        assertThat(failure(provider, root, expired).tls()).isEqualTo(TlsResult.CERTIFICATE_EXPIRED);
        assertThat(failure(provider, root, other).tls()).isEqualTo(TlsResult.CERTIFICATE_HOST_MISMATCH);
        assertThat(failure(provider, root, unknown).tls()).isEqualTo(TlsResult.CERTIFICATE_NOT_TRUSTED);
    }
}
