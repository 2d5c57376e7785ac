package org.mailserv.server.store.cql;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.text.Failures;

/** The authorities that the certificates of engine nodes are checked against. */
final class EngineTls {
    private EngineTls() {}

    /**
     * Returns a context that trusts some authorities.
     *
     * @param caFile certificates in PEM; null for the authorities of the Java runtime
     */
    static SSLContext context(@Nullable Path caFile) throws EngineException {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(caFile == null ? null : authorities(caFile));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new EngineException(
                    "The authorities in " + caFile + " cannot be used: " + Failures.text(e)
                            + ". Set store.cassandra.ca-file to a PEM file with certificates.",
                    e);
        }
    }

    private static KeyStore authorities(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
        }
        if (store.size() == 0) {
            throw new GeneralSecurityException("no certificate in it");
        }
        return store;
    }
}
