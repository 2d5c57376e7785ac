package org.mailserv.server.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a self-signed certificate for use until the operator installs one. It protects against passive
 * eavesdropping only.
 */
final class SelfSigned {
    private static final Logger LOG = LoggerFactory.getLogger(SelfSigned.class);
    private static final Duration LIFE = Duration.ofDays(3650);
    private static final Duration LEAST_LEFT = Duration.ofDays(30);

    private SelfSigned() {}

    /**
     * Returns the certificate files in a folder. Creates them if they are missing, issued for another host, or about
     * to expire. Blocks.
     */
    static TlsConfig.CertificateConfig in(Path folder, String hostname) throws IOException {
        TlsConfig.CertificateConfig files = filesIn(folder);
        Path certificate = files.certificate();
        Path key = files.keyFile();
        if (!isGood(certificate, key, hostname)) {
            try {
                make(folder, certificate, key, hostname);
            } catch (GeneralSecurityException | OperatorCreationException e) {
                throw new IOException("a self-signed certificate cannot be made: " + Failures.text(e), e);
            }
            LOG.info("event=self-signed-certificate-made host={} file={}", hostname, certificate);
        }
        return files;
    }

    /** Returns the names of the certificate files in a folder, whether or not they exist. */
    static TlsConfig.CertificateConfig filesIn(Path folder) {
        return new TlsConfig.CertificateConfig(folder.resolve("self-signed.crt"), folder.resolve("self-signed.key"));
    }

    private static boolean isGood(Path certificate, Path key, String hostname) {
        if (!Files.isReadable(certificate) || !Files.isReadable(key)) {
            return false;
        }
        try (var in = Files.newInputStream(certificate)) {
            X509Certificate found =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return found.getNotAfter().toInstant().isAfter(Instant.now().plus(LEAST_LEFT))
                    && CertificateNames.of(found).contains(CertificateNames.canonical(hostname));
        } catch (IOException | GeneralSecurityException e) {
            return false;
        }
    }

    private static void make(Path folder, Path certificate, Path key, String hostname)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, hostname)
                .build();
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(120, random),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(LIFE)),
                name,
                pair.getPublic());
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        List.of(new GeneralName(GeneralName.dNSName, hostname)).toArray(new GeneralName[0])));
        byte[] encoded = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] forFolder = posix ? attributes("rwx------") : new FileAttribute<?>[0];
        FileAttribute<?>[] forFile = posix ? attributes("rw-------") : new FileAttribute<?>[0];
        Files.createDirectories(folder, forFolder);
        write(folder, key, "PRIVATE KEY", pair.getPrivate().getEncoded(), forFile);
        write(folder, certificate, "CERTIFICATE", encoded, forFile);
    }

    private static FileAttribute<?>[] attributes(String modes) {
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(modes);
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
    }

    private static void write(Path folder, Path file, String label, byte[] encoded, FileAttribute<?>[] attributes)
            throws IOException {
        String text = "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                + "\n-----END " + label + "-----\n";
        Path temporary = Files.createTempFile(folder, "tls", ".tmp", attributes);
        Files.write(temporary, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
