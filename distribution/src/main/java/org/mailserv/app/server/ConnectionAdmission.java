package org.mailserv.app.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ClientAddress;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.ProxyProtocolHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Admits the connections of a listener: determines the client address (PROXY protocol) and enforces the connection limits. */
@ChannelHandler.Sharable
public final class ConnectionAdmission extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionAdmission.class);
    private static final long LOG_EVERY = TimeUnit.SECONDS.toNanos(1);

    private final ChannelGroup connections;
    private final ConnectionLimits limits;
    private final MailservConfig.ListenerConfig listener;
    private final CidrSet proxies;
    private final AtomicLong loggedAt = new AtomicLong(System.nanoTime() - LOG_EVERY);
    private final AtomicLong refused = new AtomicLong();
    private volatile @Nullable ChannelHandler pipeline;

    ConnectionAdmission(ChannelGroup connections, ConnectionLimits limits, MailservConfig.ListenerConfig listener) {
        this.connections = connections;
        this.limits = limits;
        this.listener = listener;
        this.proxies = CidrSet.parse(listener.proxyFrom());
    }

    /** Sets the handler of connections accepted from now on. Any thread. */
    void open(ChannelHandler behind) {
        pipeline = behind;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (proxies.contains(ClientAddress.of(channel))) {
            ProxyProtocolHandler.install(channel, new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel identified) {
                    admit(identified);
                }
            });
        } else {
            admit(channel);
        }
    }

    private void admit(Channel channel) {
        ChannelHandler behind = pipeline;
        InetAddress address = ClientAddress.of(channel);
        String problem = behind == null ? "starting" : limits.acquire(address);
        if (behind == null || problem != null) {
            refuse(channel, address, String.valueOf(problem));
            return;
        }
        channel.closeFuture().addListener(closed -> limits.release(address));
        connections.add(channel);
        channel.pipeline().addLast(behind);
    }

    /** Sends a short reply and closes the connection. With implicit TLS it closes at once: the handshake would cost more than a session. */
    private void refuse(Channel channel, InetAddress address, String problem) {
        long count = refused.incrementAndGet();
        long now = System.nanoTime();
        long last = loggedAt.get();
        // A flood of connections must not become a flood of lines.
        if (now - last >= LOG_EVERY && loggedAt.compareAndSet(last, now)) {
            LOG.warn(
                    "event=connection-refused kind={} peer={} reason=\"{}\" refused={} open={}",
                    listener.kind(),
                    address.getHostAddress(),
                    problem,
                    count,
                    limits.open());
        }
        if (listener.isImplicitTls()) {
            channel.close();
            return;
        }
        String word = listener.kind().isPop3()
                ? "-ERR [SYS/TEMP] " + problem + ", try again later\r\n"
                : "421 4.7.0 " + problem + ", try again later\r\n";
        channel.writeAndFlush(Unpooled.copiedBuffer(word, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
