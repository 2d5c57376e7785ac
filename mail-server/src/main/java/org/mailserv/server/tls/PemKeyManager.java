package org.mailserv.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/**
 * One certificate with its key, from PEM files. Straight from the files: on the way through a key store a key is encrypted and decrypted
 * again, with ten thousand rounds of hashing each, which was a third of the server's start.
 */
final class PemKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "pem";
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final X509Certificate[] chain;
    private final PrivateKey key;

    private PemKeyManager(X509Certificate[] chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads a certificate with those above it, and its key: PKCS#8, PKCS#1 or SEC 1. Blocks.
     *
     * @throws IOException in words of people, where the files are no such thing or do not belong together
     */
    static PemKeyManager read(Path certificate, Path key) throws IOException {
        X509Certificate[] chain = chain(certificate);
        PublicKey open = chain[0].getPublicKey();
        PrivateKey secret = key(key, open);
        if (!belong(secret, open)) {
            throw new IOException(key + " is not the key of " + certificate);
        }
        return new PemKeyManager(chain, secret);
    }

    /** One that gives this manager. */
    KeyManagerFactory factory() {
        return new Factory(this);
    }

    /** Whether the key is of a kind that BoringSSL takes from a server only when it is told to. RFC 8410. */
    boolean isEdwards() {
        return chain[0].getPublicKey().getAlgorithm().startsWith("Ed");
    }

    private static X509Certificate[] chain(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate[] chain = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException(file + ": no certificate in it (expected: PEM)");
            }
            return chain;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": not a certificate (" + e.getMessage() + ")", e);
        }
    }

    private static PrivateKey key(Path file, PublicKey open) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        Matcher plain = PKCS8.matcher(text);
        try {
            if (plain.find()) {
                byte[] encoded = Base64.getMimeDecoder().decode(plain.group(1));
                return KeyFactory.getInstance(open.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            }
            return older(file, text, open);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": not a private key for the certificate (" + e.getMessage() + ")", e);
        }
    }

    private static PrivateKey older(Path file, String text, PublicKey open) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                if (part instanceof PEMKeyPair pair) {
                    // The curve may be said by the certificate alone.
                    AlgorithmIdentifier algorithm =
                            SubjectPublicKeyInfo.getInstance(open.getEncoded()).getAlgorithm();
                    return new JcaPEMKeyConverter()
                            .getPrivateKey(new PrivateKeyInfo(
                                    algorithm, pair.getPrivateKeyInfo().parsePrivateKey()));
                } else if (part instanceof PEMEncryptedKeyPair) {
                    break;
                }
            }
        }
        throw new IOException(
                text.contains("ENCRYPTED")
                        ? file + ": is encrypted, and nobody is there to type its password"
                        : file + ": no private key in it (expected: PEM)");
    }

    private static boolean belong(PrivateKey secret, PublicKey open) throws IOException {
        String algorithm = open.getAlgorithm();
        String how = algorithm.equals("RSA") ? "SHA256withRSA" : algorithm.equals("EC") ? "SHA256withECDSA" : algorithm;
        try {
            Signature signature = Signature.getInstance(how);
            signature.initSign(secret);
            signature.update(new byte[32]);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(new byte[32]);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private boolean fits(@Nullable String keyType) {
        return key.getAlgorithm().equals(keyType)
                || chain[0].getPublicKey().getAlgorithm().equals(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return fits(keyType) ? new String[] {ALIAS} : null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return fits(keyType) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return fits(keyType) ? ALIAS : null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return ALIAS.equals(alias) ? chain.clone() : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return ALIAS.equals(alias) ? key : null;
    }

    /** A factory that is ready. */
    private static final class Factory extends KeyManagerFactory {
        Factory(KeyManager only) {
            super(new Ready(only), provider(), ALIAS);
        }

        private static Provider provider() {
            return Security.getProviders()[0];
        }
    }

    private static final class Ready extends KeyManagerFactorySpi {
        private final KeyManager only;

        Ready(KeyManager only) {
            this.only = only;
        }

        @Override
        protected void engineInit(@Nullable KeyStore store, char @Nullable [] password) {
            // Nothing to be made ready.
        }

        @Override
        protected void engineInit(@Nullable ManagerFactoryParameters parameters) {
            // Nothing to be made ready.
        }

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {only};
        }
    }
}
