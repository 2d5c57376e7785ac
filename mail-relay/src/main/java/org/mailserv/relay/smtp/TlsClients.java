package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Client sides of TLS, with and without a look at the certificate. RFC 7435, 3; RFC 7817. */
public final class TlsClients {
    private final SslContext opportunistic;
    private final SslContext verifying;

    /** @param trust certificates that are trusted; null for those of the platform */
    public TlsClients(@Nullable TrustManagerFactory trust) {
        try {
            // Opportunistic: encryption against those who listen; nobody is authenticated, so no certificate is
            // refused.
            opportunistic = SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build();
            SslContextBuilder builder = SslContextBuilder.forClient();
            verifying = (trust == null ? builder : builder.trustManager(trust)).build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** A handler for a connection to a host. */
    SslHandler handler(ByteBufAllocator allocator, String host, int port, boolean verify, Duration timeout) {
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        SslHandler handler = (verify ? verifying : opportunistic).newHandler(allocator, name, port);
        if (verify) {
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            handler.engine().setSSLParameters(parameters);
        }
        handler.setHandshakeTimeoutMillis(timeout.toMillis());
        return handler;
    }
}
