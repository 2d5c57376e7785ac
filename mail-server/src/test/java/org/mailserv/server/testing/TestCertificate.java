package org.mailserv.server.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate with its key, made for a test. */
public record TestCertificate(KeyPair pair, X509Certificate certificate) {
    /** How a certificate is made. */
    public static final class Maker {
        private final String kind;
        private TestCertificate issuer;
        private String subject = "mx.test";
        private String[] names = {};
        private boolean authority;
        private Instant notAfter = Instant.now().plusSeconds(86400);

        private Maker(String kind) {
            this.kind = kind;
        }

        public Maker issuedBy(TestCertificate one) {
            issuer = one;
            return this;
        }

        public Maker subject(String name) {
            subject = name;
            return this;
        }

        public Maker names(String... dnsNames) {
            names = dnsNames;
            return this;
        }

        public Maker authority() {
            authority = true;
            return this;
        }

        public Maker notAfter(Instant time) {
            notAfter = time;
            return this;
        }

        public TestCertificate make() {
            try {
                KeyPair pair = newPair(kind);
                X500Name name = new X500Name("CN=" + subject);
                X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        issuer == null
                                ? name
                                : new X500Name(issuer.certificate()
                                        .getSubjectX500Principal()
                                        .getName()),
                        BigInteger.valueOf(System.nanoTime()),
                        Date.from(notAfter.minusSeconds(172800)),
                        Date.from(notAfter),
                        name,
                        pair.getPublic());
                if (authority) {
                    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
                }
                if (names.length > 0) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(Arrays.stream(names)
                                    .map(each -> new GeneralName(GeneralName.dNSName, each))
                                    .toArray(GeneralName[]::new)));
                }
                KeyPair signing = issuer == null ? pair : issuer.pair();
                JcaContentSignerBuilder signer = new JcaContentSignerBuilder(
                        signature(signing.getPublic().getAlgorithm(), issuer == null ? kind : ""));
                if (signing.getPublic().getAlgorithm().equals("RSASSA-PSS")) {
                    signer.setProvider(new BouncyCastleProvider());
                }
                return new TestCertificate(
                        pair,
                        new JcaX509CertificateConverter()
                                .getCertificate(builder.build(signer.build(signing.getPrivate()))));
            } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private static KeyPair newPair(String kind) throws GeneralSecurityException {
            boolean curve = kind.startsWith("P-");
            KeyPairGenerator generator = KeyPairGenerator.getInstance(curve ? "EC" : kind);
            if (curve) {
                generator.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
            } else if (kind.startsWith("RSA")) {
                generator.initialize(2048);
            }
            return generator.generateKeyPair();
        }

        private static String signature(String algorithm, String kind) {
            return switch (algorithm) {
                case "RSA" -> "SHA256withRSA";
                case "RSASSA-PSS" -> "SHA256withRSAandMGF1";
                case "EC" -> "SHA256withECDSA";
                case "DSA" -> "SHA256withDSA";
                default -> kind.isEmpty() ? "Ed25519" : kind;
            };
        }
    }

    /** @param kind RSA, RSASSA-PSS, P-256, P-384, P-521, Ed25519, Ed448 or DSA */
    public static Maker of(String kind) {
        return new Maker(kind);
    }

    public static String pem(String label, byte[] octets) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets) + "\n-----END " + label
                + "-----\n";
    }

    public String certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public String keyPem() {
        return pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    }
}
