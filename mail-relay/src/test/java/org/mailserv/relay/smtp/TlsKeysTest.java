package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.handler.ssl.OpenSsl;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.testing.TestCertificate;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsConfig;

/** Every kind of key that TLS has, from our listeners to our relay. */
class TlsKeysTest {
    private static final TlsDemand MAY = new TlsDemand(TlsPolicy.MAY, List.of(), List.of(), TlsDemand.Source.ROUTE);
    private static final TlsDemand VERIFY =
            new TlsDemand(TlsPolicy.VERIFY, List.of(), List.of(), TlsDemand.Source.ROUTE);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "RSASSA-PSS", "P-256", "P-384", "P-521", "Ed25519", "Ed448"})
    void valid_certificates_are_taken_whatever_their_key(String kind) throws Exception {
        TestCertificate own =
                TestCertificate.of(kind).subject("mx.test").names("mx.test").make();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("own", own.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        TlsClients clients = new TlsClients(TlsConfig.Provider.AUTO, trust);
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(own.certificate().getPublicKey().getEncoded());
        TlsDemand dane = TlsDemand.dane(List.of(new TlsaRecord(3, 1, 1, digest)), List.of("mx.test"));
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            try (ServerTls server = Handshakes.server(folder, TlsConfig.Provider.AUTO, protocol, own)) {
                for (TlsDemand demand : List.of(MAY, VERIFY, dane)) {
                    assertThat(Handshakes.failure(clients, demand, "mx.test", server))
                            .as(kind + " " + protocol + " " + demand)
                            .isEmpty();
                }
                assertThat(Handshakes.failure(clients, VERIFY, "other.test", server))
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"JDK, JDK", "JDK, BORINGSSL", "BORINGSSL, JDK", "BORINGSSL, BORINGSSL"})
    void the_provider_is_the_operators_choice_on_both_sides(TlsConfig.Provider listener, TlsConfig.Provider relay)
            throws Exception {
        assumeThat(OpenSsl.isAvailable()).isTrue();
        for (String kind : List.of("RSA", "P-256", "P-384")) {
            TestCertificate own = TestCertificate.of(kind).names("mx.test").make();
            for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                try (ServerTls server = Handshakes.server(folder, listener, protocol, own)) {
                    assertThat(Handshakes.failure(new TlsClients(relay, null), MAY, "mx.test", server))
                            .as(kind + " " + protocol)
                            .isEmpty();
                }
            }
        }
    }
}
