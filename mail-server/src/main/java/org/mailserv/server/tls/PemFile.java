package org.mailserv.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;

/**
 * The certificates and private keys in a file. The file contains PEM blocks in any order, possibly with other text
 * around them (RFC 7468, 2), or one certificate in DER. Blocks of other kinds, such as EC PARAMETERS, are ignored.
 */
final class PemFile {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----");
    /** The labels of certificates. TRUSTED CERTIFICATE is OpenSSL's own format, which appends trust settings. */
    private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE");

    private static final Set<String> CONTAINERS = Set.of("PKCS7", "CMS");

    private final Path file;
    private final byte[] octets;
    private final List<Block> blocks = new ArrayList<>();

    private record Block(String label, String body, String whole) {
        boolean isKey() {
            return label.endsWith("PRIVATE KEY");
        }

        boolean isEncrypted() {
            return label.startsWith("ENCRYPTED") || body.contains("Proc-Type: 4,ENCRYPTED");
        }

        byte[] decoded() {
            return Base64.getMimeDecoder().decode(body);
        }
    }

    private PemFile(Path file, byte[] octets) throws IOException {
        this.file = file;
        this.octets = octets;
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        Matcher matcher = BLOCK.matcher(text);
        int end = 0;
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2), matcher.group()));
            end = matcher.end();
        }
        Matcher open = BEGIN.matcher(text.substring(end));
        if (open.find()) {
            throw new IOException(file + ": ends within a block of " + open.group(1) + " (a file that was cut off?)");
        }
    }

    /** Reads a file. Blocks. */
    static PemFile read(Path file) throws IOException {
        return new PemFile(file, Files.readAllBytes(file));
    }

    /**
     * Returns the certificates in file order, at least one.
     *
     * @throws IOException if there is none; the message is meant for the operator
     */
    List<X509Certificate> certificates() throws IOException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> found = new ArrayList<>();
            for (Block block : blocks) {
                if (CERTIFICATES.contains(block.label())) {
                    found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.decoded())));
                } else if (CONTAINERS.contains(block.label())) {
                    addAll(factory, block.whole().getBytes(StandardCharsets.ISO_8859_1), found);
                }
            }
            if (blocks.isEmpty()) {
                addAll(factory, octets, found);
            }
            if (found.isEmpty()) {
                throw new IOException(file + ": no certificate in it (expected: PEM"
                        + (blocks.isEmpty() ? "" : "; it has: " + labels()) + ")");
            }
            return found;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": not a certificate (" + Failures.text(e) + ")", e);
        }
    }

    private static void addAll(CertificateFactory factory, byte[] octets, List<X509Certificate> found)
            throws GeneralSecurityException {
        Collection<?> all = factory.generateCertificates(new ByteArrayInputStream(octets));
        all.forEach(each -> found.add((X509Certificate) each));
    }

    private String labels() {
        return String.join(", ", blocks.stream().map(Block::label).distinct().toList());
    }

    /**
     * Verifies that the file contains an unencrypted private key.
     *
     * @throws IOException if it does not; the message is meant for the operator
     */
    void requireKey() throws IOException {
        if (keys().findAny().isPresent()) {
            return;
        }
        if (blocks.stream().anyMatch(Block::isEncrypted)) {
            throw new IOException(file + ": is encrypted, and nobody is there to type its password");
        } else if (blocks.stream().anyMatch(block -> block.label().startsWith("OPENSSH"))) {
            throw new IOException(file + ": a private key in the form of OpenSSH (expected: PKCS#8, PKCS#1 or SEC 1)");
        }
        throw new IOException(file + ": no private key in it (expected: PEM"
                + (blocks.isEmpty() ? "" : "; it has: " + labels()) + ")");
    }

    private Stream<Block> keys() {
        return blocks.stream()
                .filter(block ->
                        block.isKey() && !block.isEncrypted() && !block.label().startsWith("OPENSSH"));
    }

    /** Returns the private keys that may belong to a public key, whose algorithm determines their kind. */
    List<PrivateKey> keysFor(PublicKey open) {
        List<PrivateKey> found = new ArrayList<>();
        keys().forEach(block -> {
            PrivateKey key = key(block, open);
            if (key != null) {
                found.add(key);
            }
        });
        return found;
    }

    private static @Nullable PrivateKey key(Block block, PublicKey open) {
        try {
            if (block.label().equals("PRIVATE KEY")) {
                return KeyFactory.getInstance(open.getAlgorithm())
                        .generatePrivate(new PKCS8EncodedKeySpec(block.decoded()));
            }
            return older(block, open);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            // A key of another kind. The file may contain several keys.
            return null;
        }
    }

    private static @Nullable PrivateKey older(Block block, PublicKey open) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(block.whole() + "\n"))) {
            if (parser.readObject() instanceof PEMKeyPair pair) {
                // The curve may be specified by the certificate only.
                AlgorithmIdentifier algorithm =
                        SubjectPublicKeyInfo.getInstance(open.getEncoded()).getAlgorithm();
                return new JcaPEMKeyConverter()
                        .getPrivateKey(new PrivateKeyInfo(
                                algorithm, pair.getPrivateKeyInfo().parsePrivateKey()));
            }
            return null;
        }
    }
}
