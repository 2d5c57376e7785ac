package org.mailserv.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemKeyManagerTest {
    @TempDir
    Path folder;

    private static KeyPair pair(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (size > 0) {
            generator.initialize(size);
        }
        return generator.generateKeyPair();
    }

    private Path certificate(KeyPair pair, String signature) throws Exception {
        X500Name name = new X500Name("CN=mx.test");
        byte[] encoded = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now()),
                        Date.from(Instant.now().plusSeconds(3600)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder(signature).build(pair.getPrivate()))
                .getEncoded();
        return pem("CERTIFICATE", encoded, "certificate.pem");
    }

    private Path pem(String label, byte[] encoded, String name) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + label
                        + "-----\n");
    }

    @ParameterizedTest
    @CsvSource({"RSA, 2048, SHA256withRSA", "EC, 256, SHA256withECDSA", "Ed25519, 0, Ed25519"})
    void reads_keys_as_other_programs_write_them(String algorithm, int size, String signature) throws Exception {
        KeyPair pair = pair(algorithm, size);
        Path certificate = certificate(pair, signature);
        Path modern = pem("PRIVATE KEY", pair.getPrivate().getEncoded(), "modern.pem");
        PemKeyManager read = PemKeyManager.read(certificate, modern);
        assertThat(read.getPrivateKey("pem").getEncoded())
                .isEqualTo(pair.getPrivate().getEncoded());
        assertThat(read.getCertificateChain("pem")).hasSize(1);
        assertThat(read.chooseEngineServerAlias(pair.getPublic().getAlgorithm(), null, null))
                .isEqualTo("pem");
        assertThat(read.chooseEngineServerAlias("DSA", null, null)).isNull();
        if (!algorithm.startsWith("Ed")) {
            StringWriter older = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(older)) {
                writer.writeObject(pair.getPrivate());
            }
            assertThat(older.toString()).startsWith("-----BEGIN " + algorithm + " PRIVATE KEY");
            Path file = Files.writeString(folder.resolve("older.pem"), older.toString());
            assertThat(PemKeyManager.read(certificate, file).getPrivateKey("pem"))
                    .isEqualTo(pair.getPrivate());
        }
    }

    @Test
    void says_what_is_wrong_with_a_pair() throws Exception {
        KeyPair pair = pair("EC", 256);
        Path certificate = certificate(pair, "SHA256withECDSA");
        Path other = pem("PRIVATE KEY", pair("EC", 256).getPrivate().getEncoded(), "other.pem");
        assertThatThrownBy(() -> PemKeyManager.read(certificate, other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not the key of");
        Path encrypted = pem("ENCRYPTED PRIVATE KEY", new byte[100], "encrypted.pem");
        assertThatThrownBy(() -> PemKeyManager.read(certificate, encrypted)).isInstanceOf(IOException.class);
        Path empty = Files.writeString(folder.resolve("empty"), "no key");
        assertThatThrownBy(() -> PemKeyManager.read(certificate, empty)).hasMessageContaining("no private key");
        assertThatThrownBy(() -> PemKeyManager.read(empty, other)).isInstanceOf(IOException.class);
    }
}
