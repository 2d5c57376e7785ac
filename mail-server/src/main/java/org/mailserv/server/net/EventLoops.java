package org.mailserv.server.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loops and the matching channel types. */
public final class EventLoops implements AutoCloseable {
    /** The I/O mechanism for sockets. */
    public enum Transport {
        /** Uses epoll if the platform supports it, otherwise nio. */
        AUTO,
        EPOLL,
        NIO,
        IO_URING
    }

    private final Transport transport;
    private final EventLoopGroup group;

    /**
     * @param threads number of event loops, 0 for one per processor
     * @throws IllegalArgumentException if the transport is not available on this platform
     */
    public EventLoops(Transport wanted, int threads) {
        transport = wanted == Transport.AUTO ? (Epoll.isAvailable() ? Transport.EPOLL : Transport.NIO) : wanted;
        IoHandlerFactory factory = factory(transport);
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("io", true), factory);
    }

    private static IoHandlerFactory factory(Transport transport) {
        if (transport == Transport.EPOLL) {
            require(Epoll.isAvailable(), "epoll", Epoll.unavailabilityCause());
            return EpollIoHandler.newFactory();
        } else if (transport == Transport.IO_URING) {
            require(IoUring.isAvailable(), "io-uring", IoUring.unavailabilityCause());
            return IoUringIoHandler.newFactory();
        }
        return NioIoHandler.newFactory();
    }

    private static void require(boolean available, String name, @Nullable Throwable cause) {
        if (!available) {
            throw new IllegalArgumentException("transport: " + name + " is not available here: " + cause);
        }
    }

    public EventLoopGroup group() {
        return group;
    }

    public Transport transport() {
        return transport;
    }

    public Class<? extends ServerChannel> serverChannel() {
        return switch (transport) {
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case AUTO, NIO -> NioServerSocketChannel.class;
        };
    }

    public Class<? extends SocketChannel> clientChannel() {
        return switch (transport) {
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case AUTO, NIO -> NioSocketChannel.class;
        };
    }

    public Class<? extends DatagramChannel> datagramChannel() {
        return switch (transport) {
            case EPOLL -> EpollDatagramChannel.class;
            case IO_URING -> IoUringDatagramChannel.class;
            case AUTO, NIO -> NioDatagramChannel.class;
        };
    }

    /** Stops the loops within two seconds. Blocks. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
