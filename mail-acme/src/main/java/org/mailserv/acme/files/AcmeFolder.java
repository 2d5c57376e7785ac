package org.mailserv.acme.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of the ACME client. Files are replaced atomically and durably, and created for the server's user only. The
 * certificate and its key are in one file, so that they always belong together. All methods block.
 */
public final class AcmeFolder {
    private static final Logger LOG = LoggerFactory.getLogger(AcmeFolder.class);
    private static final String NEXT_KEY = "next-key.pem";

    private final Path folder;
    private final Path certificate;
    private final Disk disk;
    private final AcmeConfig.KeyType keyType;

    /** @param tlsFolder the folder of the server's TLS files */
    public AcmeFolder(Path tlsFolder, Disk disk, AcmeConfig.KeyType keyType) {
        this.folder = AcmeConfig.folder(tlsFolder);
        this.certificate = AcmeConfig.certificateFile(tlsFolder);
        this.disk = disk;
        this.keyType = keyType;
    }

    public Path path() {
        return folder;
    }

    /** Returns the key of the account at the CA, which is created at the first call. */
    public KeyPair accountKey() throws IOException {
        return key("account-key.pem", AcmeConfig.KeyType.EC);
    }

    /** Returns the key for the certificate: that of the current one, so that TLSA records stay valid. It is created at the first call. */
    public KeyPair key() throws IOException {
        HeldCertificate held = certificate();
        return held == null ? key("key.pem", keyType) : held.keyPair();
    }

    /** Returns the key that a rollover will use, which is created at the first call. */
    public KeyPair nextKey() throws IOException {
        KeyPair next = key(NEXT_KEY, keyType);
        HeldCertificate held = certificate();
        if (held != null && held.certificate().getPublicKey().equals(next.getPublic())) {
            // The server was stopped after a rollover, before it created the next key.
            return replaceNextKey();
        } else if (!next.getPublic().getAlgorithm().equals(keyType.name())) {
            LOG.info("event=acme-next-key-replaced reason=\"tls.acme.key-type is another one now\"");
            return replaceNextKey();
        }
        return next;
    }

    /** Returns the key that a rollover will use, or null if there is none yet. Changes nothing. */
    public @Nullable KeyPair existingNextKey() throws IOException {
        return disk.exists(folder.resolve(NEXT_KEY)) ? key(NEXT_KEY, keyType) : null;
    }

    /** Creates another next key. The previous one is the key of the certificate now. */
    public KeyPair replaceNextKey() throws IOException {
        disk.delete(folder.resolve(NEXT_KEY));
        return key(NEXT_KEY, keyType);
    }

    private KeyPair key(String name, AcmeConfig.KeyType type) throws IOException {
        Path file = folder.resolve(name);
        if (disk.exists(file)) {
            try {
                return KeyFile.read(Files.readString(file, StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new IOException(file + ": cannot be used (" + Failures.text(e) + ")", e);
            }
        }
        KeyPair made = KeyFile.generate(type);
        write(file, KeyFile.write(made));
        return made;
    }

    /** Returns the certificate, or null if there is none that can be used. */
    public @Nullable HeldCertificate certificate() throws IOException {
        if (!disk.exists(certificate)) {
            return null;
        }
        String text = Files.readString(certificate, StandardCharsets.ISO_8859_1);
        try {
            List<X509Certificate> chain = new ArrayList<>();
            int end = Math.max(0, text.indexOf("-----BEGIN PRIVATE KEY"));
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(text.substring(0, end).getBytes(StandardCharsets.ISO_8859_1)))
                    .forEach(each -> chain.add((X509Certificate) each));
            if (chain.isEmpty()) {
                throw new IOException("no certificate in it");
            }
            PublicKey open = chain.get(0).getPublicKey();
            return new HeldCertificate(chain, KeyFile.readPrivate(text, open));
        } catch (GeneralSecurityException | IOException e) {
            LOG.warn("event=acme-certificate-unreadable file={} advice=\"a new one is requested\"", certificate);
            return null;
        }
    }

    /** Stores a certificate with its key. */
    public void writeCertificate(HeldCertificate held) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate each : held.chain()) {
                text.append(KeyFile.block("CERTIFICATE", each.getEncoded()));
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate cannot be encoded", e);
        }
        text.append(KeyFile.block("PRIVATE KEY", held.key().getEncoded()));
        write(certificate, text.toString());
        // The key of the next certificate if this file is damaged or deleted.
        write(folder.resolve("key.pem"), KeyFile.write(held.keyPair()));
    }

    /** Returns the stored state; empty if there is none. */
    public Properties state() throws IOException {
        Properties state = new Properties();
        Path file = folder.resolve("state");
        if (disk.exists(file)) {
            try {
                state.load(new StringReader(Files.readString(file)));
            } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
                LOG.warn("event=acme-state-unreadable file={} advice=\"it is started anew\"", file);
                state.clear();
            }
        }
        return state;
    }

    public void writeState(Properties state) throws IOException {
        StringWriter text = new StringWriter();
        state.store(text, "Maintained by mailserv: attempts, their results and the times of the next ones.");
        write(folder.resolve("state"), text.toString());
    }

    private void write(Path file, String text) throws IOException {
        disk.createDirectories(folder);
        disk.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
