package org.mailserv.server.check.milter;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Failures;

/** The connections to one filter. Idle connections are reused, and their number is limited. Any thread may call it. */
final class MilterClient {
    private static final int MAX_WAITING = 1000;

    private final MilterConfig config;
    private final EventLoops loops;
    private final DnsAddressResolverGroup names;
    private final Deque<Channel> idle = new ArrayDeque<>();
    private final Deque<MilterSession> waiting = new ArrayDeque<>();
    private int open;

    MilterClient(MilterConfig config, EventLoops loops) {
        this.config = config;
        this.loops = loops;
        this.names =
                new DnsAddressResolverGroup(loops.datagramChannel(), DnsServerAddressStreamProviders.platformDefault());
    }

    MilterConfig config() {
        return config;
    }

    /** Begins a message. It gets a connection at once or when one becomes free, for which it waits no longer than for an answer. */
    MilterSession begin() {
        MilterSession session = new MilterSession(config);
        session.answer().whenComplete((answer, failure) -> done(session));
        Channel free = null;
        boolean full = false;
        boolean waits = false;
        synchronized (this) {
            while (free == null && !idle.isEmpty()) {
                Channel candidate = idle.poll();
                free = candidate.isActive() ? candidate : null;
            }
            full = free == null && open >= config.maxConnections();
            waits = full && waiting.size() < MAX_WAITING;
            if (waits) {
                waiting.add(session);
            } else if (free == null && !full) {
                open++;
            }
        }
        if (free != null) {
            use(session, free);
        } else if (waits) {
            long millis = config.commandTimeout().toMillis();
            loops.group().schedule(() -> giveUp(session), millis, TimeUnit.MILLISECONDS);
        } else if (full) {
            session.fail("too many messages wait for it");
        } else {
            connect(session);
        }
        return session;
    }

    private void giveUp(MilterSession session) {
        boolean waits;
        synchronized (this) {
            waits = waiting.remove(session);
        }
        if (waits) {
            session.fail("no connection was free in time");
        }
    }

    private static void use(MilterSession session, Channel free) {
        // QUIT_NC resets the filter and announces a new client on the same connection.
        free.write(MilterCodec.encode(MilterCommand.QUIT_NEW_CONNECTION, new byte[0]));
        session.attach(free);
    }

    private void connect(MilterSession session) {
        ChannelFuture connecting;
        try {
            connecting = connect();
        } catch (RuntimeException | LinkageError e) {
            closed();
            session.fail(Failures.text(e));
            return;
        }
        connecting.addListener((ChannelFutureListener) done -> {
            if (done.isSuccess()) {
                done.channel().closeFuture().addListener(gone -> closed());
                session.attach(done.channel());
            } else {
                closed();
                session.fail(Failures.text(done.cause()));
            }
        });
    }

    private ChannelFuture connect() {
        Bootstrap bootstrap = new Bootstrap()
                .group(loops.group())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        config.connectTimeout().toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(MilterCodec.MAX_PACKET, 0, 4, 0, 4));
                        channel.pipeline().addLast(new Idle());
                    }
                });
        SocketAddress address = config.socketAddress();
        if (!(address instanceof UnixDomainSocketAddress local)) {
            return bootstrap
                    .channel(loops.clientChannel())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .resolver(names)
                    .connect(address);
        } else if (loops.transport() == EventLoops.Transport.EPOLL) {
            return bootstrap
                    .channel(EpollDomainSocketChannel.class)
                    .connect(new DomainSocketAddress(local.getPath().toFile()));
        }
        return bootstrap.channel(NioDomainSocketChannel.class).connect(address);
    }

    private void closed() {
        MilterSession next;
        synchronized (this) {
            open--;
            idle.removeIf(channel -> !channel.isActive());
            next = waiting.poll();
            if (next != null) {
                open++;
            }
        }
        if (next != null) {
            connect(next);
        }
    }

    private void done(MilterSession session) {
        Channel channel = config.reuse() && session.isReusable() ? session.channel() : null;
        Channel finished = session.channel();
        if (channel == null && finished != null) {
            finished.writeAndFlush(MilterCodec.encode(MilterCommand.QUIT, new byte[0]))
                    .addListener(ChannelFutureListener.CLOSE);
        }
        MilterSession next = null;
        synchronized (this) {
            waiting.remove(session);
            if (channel != null) {
                next = waiting.poll();
                if (next == null) {
                    idle.push(channel);
                }
            }
        }
        if (next != null && channel != null) {
            Channel free = channel;
            MilterSession follower = next;
            free.eventLoop().execute(() -> use(follower, free));
        }
    }

    /** Closes a connection on which a filter sends something between two messages. */
    private static final class Idle extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!MilterSession.isAttachedTo(context.channel())) {
                ReferenceCountUtil.release(message);
                context.close();
            } else {
                context.fireChannelRead(message);
            }
        }
    }
}
