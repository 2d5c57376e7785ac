package org.mailserv.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.testing.TestCertificate;

/** Certificates and keys in the files that other programs write. RFC 7468. */
class PemFileTest {
    private static final String PARAMETERS =
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

    @TempDir
    Path folder;

    private final TestCertificate root =
            TestCertificate.of("P-256").subject("Root").authority().make();
    private final TestCertificate own =
            TestCertificate.of("P-256").issuedBy(root).names("mx.test").make();

    private List<X509Certificate> chain(String text) throws IOException {
        Path file = write(text);
        return List.of(PemKeyManager.read(file, file).getCertificateChain("pem"));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("mail.pem"), text, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key own root",
                "own root key",
                "own key root",
                "root own key",
                "key root own",
                "parameters key own root",
                "text parameters text key text own text root text",
                "other key own root",
                "encrypted key own root"
            })
    void key_and_certificates_may_be_in_one_file_in_any_order(String order) throws Exception {
        StringBuilder text = new StringBuilder();
        for (String part : order.split(" ")) {
            text.append(
                    switch (part) {
                        case "key" -> own.keyPem();
                        case "own" -> own.certificatePem();
                        case "root" -> root.certificatePem();
                        case "other" -> TestCertificate.of("RSA").make().keyPem();
                        case "encrypted" -> TestCertificate.pem("ENCRYPTED PRIVATE KEY", new byte[99]);
                        case "parameters" -> PARAMETERS;
                        default -> "Bag Attributes\n    friendlyName: caf\u00e9\nsubject=CN = mx.test\n\n";
                    });
        }
        assertThat(chain(text.toString())).containsExactly(own.certificate(), root.certificate());
        assertThat(chain(text.toString().replace("\n", "\r\n"))).containsExactly(own.certificate(), root.certificate());
    }

    @Test
    void older_forms_of_keys_and_certificates_are_read() throws Exception {
        StringWriter older = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(older)) {
            writer.writeObject(own.pair().getPrivate());
        }
        assertThat(older.toString()).contains("BEGIN EC PRIVATE KEY");
        assertThat(chain(PARAMETERS + older + own.certificatePem())).containsExactly(own.certificate());
        assertThat(chain((own.keyPem() + own.certificatePem()).replace(" CERTIFICATE", " TRUSTED CERTIFICATE")))
                .containsExactly(own.certificate());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "own | no private key in it (expected: PEM; it has: CERTIFICATE)",
                "key | no certificate in it (expected: PEM; it has: PRIVATE KEY)",
                "own encrypted | is encrypted, and nobody is there to type its password",
                "own old-encrypted | is encrypted, and nobody is there to type its password",
                "own openssh | a private key in the form of OpenSSH",
                "own other | its private key is not the key of its certificate",
                "key own cut | ends within a block of CERTIFICATE",
                "key request | no certificate in it (expected: PEM; it has: PRIVATE KEY, CERTIFICATE REQUEST)",
                "nothing | mail.pem"
            })
    void what_is_wrong_is_said_with_the_file(String order, String message) throws Exception {
        StringBuilder text = new StringBuilder();
        for (String part : order.split(" ")) {
            text.append(
                    switch (part) {
                        case "key" -> own.keyPem();
                        case "own" -> own.certificatePem();
                        case "other" -> TestCertificate.of("P-256").make().keyPem();
                        case "encrypted" -> TestCertificate.pem("ENCRYPTED PRIVATE KEY", new byte[99]);
                        case "old-encrypted" ->
                            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"
                                    + "AAAA\n-----END RSA PRIVATE KEY-----\n";
                        case "openssh" -> TestCertificate.pem("OPENSSH PRIVATE KEY", new byte[99]);
                        case "cut" -> root.certificatePem().substring(0, 200);
                        case "request" -> TestCertificate.pem("CERTIFICATE REQUEST", new byte[9]);
                        default -> "\n";
                    });
        }
        assertThatThrownBy(() -> chain(text.toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("mail.pem")
                .hasMessageContaining(message);
    }

    @Test
    void keys_that_no_tls_uses_are_named_as_such() throws Exception {
        TestCertificate dsa = TestCertificate.of("DSA").make();
        assertThatThrownBy(() -> KeyKind.of(dsa.certificate().getPublicKey()).provider(TlsConfig.Provider.AUTO))
                .hasMessageContaining("of a kind that TLS does not use");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSASSA-PSS", "Ed25519", "Ed448"})
    void keys_that_only_the_jdk_serves_are_refused_with_that_reason(String kind) {
        TestCertificate one = TestCertificate.of(kind).make();
        assertThatThrownBy(() -> KeyKind.of(one.certificate().getPublicKey()).provider(TlsConfig.Provider.BORINGSSL))
                .hasMessageContaining("BoringSSL cannot serve")
                .hasMessageContaining("auto or jdk");
    }
}
