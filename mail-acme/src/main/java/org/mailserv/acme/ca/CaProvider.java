package org.mailserv.acme.ca;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.Connection;
import org.shredzone.acme4j.connector.DefaultConnection;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/**
 * The way to a CA: HTTPS with the JVM's root certificates or the configured ones. It also keeps the Retry-After field of errors, which the
 * library reads only from some responses. Confined to one thread.
 */
final class CaProvider extends GenericAcmeProvider {
    private static final int FIRST_ERROR = 400;
    private static final Duration LONGEST_WAIT = Duration.ofDays(7);

    private final @Nullable SSLContext trust;
    private @Nullable Instant retryAfter;

    /** @param roots PEM file with root certificates; null for those of the JVM */
    CaProvider(@Nullable Path roots) throws IssueException {
        this.trust = roots == null ? null : trust(roots);
    }

    private static SSLContext trust(Path roots) throws IssueException {
        try (InputStream in = Files.newInputStream(roots)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("root" + store.size(), root);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IssueException(
                    "tls.acme.directory-ca: " + roots + " cannot be used",
                    "name a PEM file with the CA's root certificate that the server's user may read",
                    null,
                    e);
        }
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings settings) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(settings.getTimeout())
                .proxy(settings.getProxySelector());
        if (trust != null) {
            builder.sslContext(trust);
        }
        return builder.build();
    }

    @Override
    public Connection connect(URI server, NetworkSettings settings, HttpClient client) {
        return new RememberingConnection(createHttpConnector(settings, client));
    }

    /** Returns the time that the last error response asked for, or null, and forgets it. */
    @Nullable
    Instant takeRetryAfter() {
        Instant taken = retryAfter;
        retryAfter = null;
        return taken;
    }

    private final class RememberingConnection extends DefaultConnection {
        RememberingConnection(HttpConnector connector) {
            super(connector);
        }

        @Override
        protected void sendRequest(Session session, java.net.URL url, Consumer<HttpRequest.Builder> body)
                throws IOException {
            super.sendRequest(session, url, body);
            var response = lastResponse;
            if (response != null && response.statusCode() >= FIRST_ERROR) {
                Instant latest = Instant.now().plus(LONGEST_WAIT);
                // A clock that is wrong at the CA must not stop renewals for good.
                retryAfter = getRetryAfter()
                        .map(time -> time.isAfter(latest) ? latest : time)
                        .orElse(null);
            }
        }
    }
}
