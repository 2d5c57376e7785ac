package org.mailserv.app.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.mailserv.app.api.ListenerInfo;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Addresses;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SMTP, LMTP and POP3 listeners and their connections. They are bound first, while the process may still bind privileged ports, and accept
 * connections only after {@link #accept}.
 */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<Listener> bound = new CopyOnWriteArrayList<>();
    private final EventLoops loops;
    private final int backlog;
    private final ConnectionLimits limits;

    /** A bound listener. */
    private record Listener(MailservConfig.ListenerConfig config, ConnectionAdmission gate, Channel channel) {
        InetSocketAddress address() {
            return (InetSocketAddress) channel.localAddress();
        }
    }

    Listeners(MailservConfig config, EventLoops loops) {
        MailservConfig.NetSettings net = config.net();
        this.loops = loops;
        this.backlog = net.backlog();
        this.limits = new ConnectionLimits(new ConnectionLimits.Bounds(
                FileHandles.connections(net.maxConnections(), config.relay().maxConnections()),
                net.maxConnectionsPerClient(),
                net.maxNewConnections(),
                CidrSet.parse(net.exemptNetworks())));
    }

    /** Binds a listener, which does not accept connections yet. Blocks. */
    void bind(MailservConfig.ListenerConfig listener) throws StartupException {
        ConnectionAdmission gate = new ConnectionAdmission(connections, limits, listener);
        ChannelFuture binding = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, backlog)
                .option(ChannelOption.SO_REUSEADDR, true)
                // A client may close its side and still wait for its replies.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 << 10, 256 << 10))
                .option(ChannelOption.AUTO_READ, false)
                .handler(new FileHandles.AcceptFailures())
                .childHandler(gate)
                .bind(socketAddress(listener.address(), listener.effectivePort()))
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new StartupException(bindProblem(listener, binding.cause()), binding.cause());
        }
        channels.add(binding.channel());
        bound.add(new Listener(listener, gate, binding.channel()));
    }

    /** Returns the address of a configured name and port; {@code *} stands for all addresses of this host. */
    static InetSocketAddress socketAddress(String address, int port) {
        return address.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
    }

    private static String bindProblem(MailservConfig.ListenerConfig listener, Throwable cause) {
        String where = listener.kind().name().toLowerCase(Locale.ROOT) + " listener " + listener.address() + ":"
                + listener.effectivePort() + ": ";
        return StartupException.bindProblem(where, cause);
    }

    /** Creates a handler for each listener. The result puts them into effect for connections accepted afterwards; it cannot fail. */
    Runnable prepare(Function<MailservConfig.ListenerConfig, ChannelHandler> factory) {
        Map<ConnectionAdmission, ChannelHandler> handlers = new LinkedHashMap<>();
        for (Listener listener : bound) {
            handlers.put(listener.gate(), factory.apply(listener.config()));
        }
        return () -> handlers.forEach(ConnectionAdmission::open);
    }

    /** Starts to accept connections. */
    void accept() {
        for (Listener listener : bound) {
            LOG.info(
                    "event=listening kind={} address={}", listener.config().kind(), Addresses.text(listener.address()));
            listener.channel().config().setAutoRead(true);
        }
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** Returns the bound addresses, in the order of the configuration. */
    List<InetSocketAddress> addresses() {
        return bound.stream().map(Listener::address).toList();
    }

    /** Returns the bound addresses of the listeners that receive mail. */
    List<InetSocketAddress> smtpAddresses() {
        return bound.stream()
                .filter(listener -> !listener.config().kind().isPop3())
                .map(Listener::address)
                .toList();
    }

    /** Returns the listeners as they are bound, in the order of the configuration. */
    List<ListenerInfo> infos() {
        return bound.stream()
                .map(listener -> new ListenerInfo(
                        listener.config().kind(),
                        listener.address().getAddress().getHostAddress(),
                        listener.address().getPort(),
                        listener.config().tlsMode(),
                        listener.config().proxyFrom()))
                .toList();
    }

    /**
     * Stops accepting connections and asks the open sessions to finish. Sessions still open after {@code timeout} are closed. May be called
     * twice. Blocks.
     */
    void drain(Duration timeout) {
        channels.close().awaitUninterruptibly(CLOSE_MILLIS);
        connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(DrainEvent.INSTANCE));
        if (!connections.newCloseFuture().awaitUninterruptibly(timeout.toMillis())) {
            LOG.warn("event=sessions-cut open={}", connections.size());
            connections.close().awaitUninterruptibly(CLOSE_MILLIS);
        }
    }

    /** Closes the listeners without waiting for sessions. Blocks a moment. */
    void close() {
        channels.close().awaitUninterruptibly(CLOSE_MILLIS);
    }
}
