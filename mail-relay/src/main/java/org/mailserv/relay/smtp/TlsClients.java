package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.TlsConfig;

/**
 * A factory for client-side TLS handlers, with and without certificate verification. RFC 7435, 3; RFC 7817. Thread-safe.
 *
 * <p>The JDK's TLS is used unless BoringSSL is configured. BoringSSL offers a fixed list of signature algorithms, which lacks ECDSA on
 * P-521, Ed25519, Ed448 and RSA-PSS keys.
 */
public final class TlsClients {
    private static final TlsDemand VERIFY =
            new TlsDemand(TlsPolicy.VERIFY, List.of(), List.of(), TlsDemand.Source.HTTPS);

    private final SslProvider provider;
    private final @Nullable TrustManagerFactory trust;
    private @Nullable SslContext opportunistic;
    private @Nullable SslContext verifying;

    /**
     * @param wanted the TLS provider
     * @param trust the trust anchors; null for those of the platform
     */
    public TlsClients(TlsConfig.Provider wanted, @Nullable TrustManagerFactory trust) {
        this.provider = wanted == TlsConfig.Provider.BORINGSSL ? SslProvider.OPENSSL : SslProvider.JDK;
        this.trust = trust;
    }

    /** Returns the version of TLS that a connection uses, or null without TLS. */
    static @Nullable String protocol(Channel channel) {
        return channel.pipeline().get("tls") instanceof SslHandler handler
                ? handler.engine().getSession().getProtocol()
                : null;
    }

    /** Returns the context for opportunistic TLS, which protects against eavesdropping only and accepts every certificate. */
    private synchronized SslContext opportunistic() {
        SslContext context = opportunistic;
        if (context == null) {
            context = build(
                    builder().trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null));
            opportunistic = context;
        }
        return context;
    }

    private synchronized SslContext verifying() {
        SslContext context = verifying;
        if (context == null) {
            SslContextBuilder builder = builder();
            context = build(trust == null ? builder : builder.trustManager(trust));
            verifying = context;
        }
        return context;
    }

    private SslContextBuilder builder() {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(provider);
        return provider == SslProvider.JDK ? builder.ciphers(jdkCiphers()) : builder;
    }

    /** Returns the JDK's enabled cipher suites. Netty's default omits some that older mail servers need. */
    private static List<String> jdkCiphers() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return List.of(context.getDefaultSSLParameters().getCipherSuites());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up: " + Failures.text(e), e);
        }
    }

    private static SslContext build(SslContextBuilder builder) {
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + Failures.text(e), e);
        }
    }

    /** Returns a handler that requires a certificate valid for the host name. */
    public SslHandler verifying(ByteBufAllocator allocator, String host, int port, Duration timeout) {
        return handler(allocator, host, port, VERIFY, timeout);
    }

    /** Returns a handler that enforces the TLS requirements of a host. */
    SslHandler handler(ByteBufAllocator allocator, String host, int port, TlsDemand demand, Duration timeout) {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        String name = demand.names().isEmpty() ? bare : demand.names().get(0);
        boolean verify = demand.policy() == TlsPolicy.VERIFY;
        SslContext context = verify ? verifying() : demand.tlsa().isEmpty() ? opportunistic() : dane(demand);
        SslHandler handler = context.newHandler(allocator, name, port);
        if (verify) {
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            handler.engine().setSSLParameters(parameters);
        }
        handler.setHandshakeTimeoutMillis(timeout.toMillis());
        return handler;
    }

    /** Returns the reason of a handshake failure in words. */
    public static String reason(Throwable failure) {
        return Failures.text(failure);
    }

    private SslContext dane(TlsDemand demand) {
        return build(builder()
                .trustManager(new DaneTrust(demand.tlsa(), demand.names()))
                .endpointIdentificationAlgorithm(null));
    }
}
