package org.mailserv.relay.smtp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.mailserv.server.net.OctetCounter;
import org.mailserv.server.net.SessionKind;
import org.mailserv.server.net.SessionPhase;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.text.Failures;

/** Opens TCP connections from the configured source addresses. */
public final class NettyConnector implements Connector {
    private final EventLoop loop;
    private final Class<? extends SocketChannel> type;
    private final List<InetAddress> bindAddresses;
    private final SessionRegistry sessions;

    /** @param bindAddresses source addresses; the first of each address family is used
     * @param sessions the registry of open connections */
    public NettyConnector(
            EventLoop loop,
            Class<? extends SocketChannel> type,
            List<InetAddress> bindAddresses,
            SessionRegistry sessions) {
        this.loop = loop;
        this.type = type;
        this.bindAddresses = List.copyOf(bindAddresses);
        this.sessions = sessions;
    }

    @Override
    public void connect(
            InetSocketAddress address, Duration timeout, ChannelHandler initializer, Consumer<String> failed) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(type)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, timeout.toMillis()))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 << 10, 256 << 10))
                .handler(initializer);
        boolean v6 = address.getAddress() instanceof Inet6Address;
        for (InetAddress bind : bindAddresses) {
            if (bind instanceof Inet6Address == v6) {
                bootstrap.localAddress(new InetSocketAddress(bind, 0));
                break;
            }
        }
        bootstrap.connect(address).addListener((ChannelFutureListener) done -> {
            if (done.isSuccess()) {
                SessionRegistry.Session view = sessions.open(SessionKind.RELAY, NetUtil.toSocketAddressString(address));
                view.state(SessionPhase.Common.OPEN);
                done.channel().pipeline().addFirst("octets", new OctetCounter(view));
                done.channel().closeFuture().addListener(closed -> view.close());
            } else {
                failed.accept(words(done.cause()));
            }
        });
    }

    /** Returns the cause without the address, which the readers of bounces see before it. */
    private static String words(Throwable cause) {
        return Failures.text(cause).replaceFirst(": [0-9a-fA-F.:\\[\\]]+:\\d+$", "");
    }
}
