package org.mailserv.server.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A key manager for one certificate with its key, read directly from PEM files. A key store would encrypt and decrypt
 * the key with ten thousand hash rounds each, which took a third of the server's start-up time.
 */
final class PemKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "pem";

    private final X509Certificate[] chain;
    private final PrivateKey key;

    private PemKeyManager(X509Certificate[] chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /**
     * Reads a certificate chain and its private key: PKCS#8, PKCS#1 or SEC 1. Both may be in one file, in either
     * order. Blocks.
     *
     * @throws IOException if the files are invalid or do not belong together; the message is meant for the operator
     */
    static PemKeyManager read(Path certificate, Path key) throws IOException {
        PemFile open = PemFile.read(certificate);
        PemFile secret = key.equals(certificate) ? open : PemFile.read(key);
        List<X509Certificate> chain = open.certificates();
        secret.requireKey();
        for (X509Certificate each : chain) {
            for (PrivateKey candidate : secret.keysFor(each.getPublicKey())) {
                if (KeyKind.belong(candidate, each.getPublicKey())) {
                    return new PemKeyManager(ordered(chain, each), candidate);
                }
            }
            // An unsupported kind of key is reported as such, and not as a key of another certificate.
            KeyKind.of(each.getPublicKey()).provider(TlsConfig.Provider.JDK);
        }
        throw new IOException(
                key.equals(certificate)
                        ? key + ": its private key is not the key of its certificate"
                        : key + " is not the key of " + certificate);
    }

    /** Returns the chain with the server's own certificate first (RFC 8446, 4.4.2), wherever it is in the file. */
    private static X509Certificate[] ordered(List<X509Certificate> chain, X509Certificate own) {
        if (chain.get(0).equals(own)) {
            return chain.toArray(new X509Certificate[0]);
        }
        List<X509Certificate> rest = new ArrayList<>(chain);
        List<X509Certificate> ordered = new ArrayList<>();
        X509Certificate next = own;
        while (next != null) {
            X509Certificate last = next;
            ordered.add(last);
            rest.remove(last);
            next = rest.stream()
                    .filter(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                    .findFirst()
                    .orElse(null);
        }
        return ordered.toArray(new X509Certificate[0]);
    }

    /** Returns a factory for this key manager. */
    KeyManagerFactory factory() {
        return new Factory(this);
    }

    /** Returns the server's own certificate. */
    X509Certificate certificate() {
        return chain[0];
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

    /** A factory that needs no initialization. */
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
            // No initialization needed.
        }

        @Override
        protected void engineInit(@Nullable ManagerFactoryParameters parameters) {
            // No initialization needed.
        }

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {only};
        }
    }
}
