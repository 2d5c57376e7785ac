package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.TlsDemand;

/** Client sides of TLS, with and without a look at the certificate. RFC 7435, 3; RFC 7817. */
public final class TlsClients {
    private static final TlsDemand VERIFY = new TlsDemand(TlsPolicy.VERIFY, List.of(), "https");

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

    /** A handler for a connection to a host whose certificate is to be valid for its name. */
    public SslHandler verifying(ByteBufAllocator allocator, String host, int port, Duration timeout) {
        return handler(allocator, host, port, VERIFY, timeout);
    }

    /** A handler for a connection to a host. */
    SslHandler handler(ByteBufAllocator allocator, String host, int port, TlsDemand demand, Duration timeout) {
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        boolean verify = demand.policy() == TlsPolicy.VERIFY;
        SslContext context = verify ? verifying : demand.tlsa().isEmpty() ? opportunistic : dane(demand, name);
        SslHandler handler = context.newHandler(allocator, name, port);
        if (verify) {
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            handler.engine().setSSLParameters(parameters);
        }
        handler.setHandshakeTimeoutMillis(timeout.toMillis());
        return handler;
    }

    /** Why a handshake failed, in the words of who found out: the outer exceptions say only that it did. */
    public static String reason(Throwable failure) {
        Throwable deepest = failure;
        for (int i = 0; i < 10 && deepest.getCause() != null && deepest.getCause() != deepest; i++) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage());
    }

    private static SslContext dane(TlsDemand demand, String host) {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(new DaneTrust(demand.tlsa(), host))
                    .endpointIdentificationAlgorithm(null)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
