package org.mailserv.acme.challenge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.Mapping;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proofs for TLS-ALPN-01: handshakes with the protocol {@code acme-tls/1}, which end without data. RFC 8737. A handler for the
 * connections of a listener; it bounds their number and their time. Thread-safe.
 */
public final class AlpnHandshakes extends ChannelInitializer<Channel> implements ChallengeSolver {
    private static final Logger LOG = LoggerFactory.getLogger(AlpnHandshakes.class);
    private static final String PROTOCOL = "acme-tls/1";
    private static final int MAX_CONNECTIONS = 50;
    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final int CONNECTION_SECONDS = 15;
    private static final int KEY_BITS = 2048;

    private final Map<String, SslContext> contexts = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private volatile @Nullable KeyPair key;

    @Override
    public void publish(Proof proof) throws IOException {
        try {
            KeyPair pair = handshakeKey();
            contexts.put(
                    proof.name().toLowerCase(Locale.ROOT),
                    SslContextBuilder.forServer(
                                    pair.getPrivate(), proof.handshake().make(pair))
                            .sslProvider(SslProvider.JDK)
                            .applicationProtocolConfig(new ApplicationProtocolConfig(
                                    ApplicationProtocolConfig.Protocol.ALPN,
                                    ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
                                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.FATAL_ALERT,
                                    PROTOCOL))
                            .build());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the certificate for the handshake cannot be made", e);
        }
    }

    /** Returns the key of all handshakes. It is an RSA key because the ACME library signs with RSA only, whatever the key. */
    private KeyPair handshakeKey() throws GeneralSecurityException {
        KeyPair made = key;
        if (made == null) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            made = generator.generateKeyPair();
            key = made;
        }
        return made;
    }

    @Override
    public void withdraw(Proof proof) {
        contexts.remove(proof.name().toLowerCase(Locale.ROOT));
    }

    @Override
    protected void initChannel(Channel channel) {
        if (open.incrementAndGet() > MAX_CONNECTIONS) {
            open.decrementAndGet();
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        // A name without a proof has no context, and its connection is closed.
        Mapping<String, SslContext> mapping = name -> name == null ? null : contexts.get(name.toLowerCase(Locale.ROOT));
        channel.pipeline().addLast(new SniHandler(mapping, 0, HANDSHAKE_MILLIS)).addLast(new Ending());
    }

    /** Closes the connection after the handshake, or when it takes too long. */
    private static final class Ending extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            var deadline = ctx.executor().schedule(() -> ctx.close(), CONNECTION_SECONDS, TimeUnit.SECONDS);
            ctx.channel().closeFuture().addListener(closed -> deadline.cancel(false));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.debug("event=acme-handshake-ended reason=\"{}\"", Failures.text(cause));
            ctx.close();
        }
    }
}
