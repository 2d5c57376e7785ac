package org.mailserv.app.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API over HTTP on a Unix socket, without a login. Only the owner of the data folder and root can open the control socket. The socket of
 * the queue is open to every user of the host, who can list the queue and do nothing else. Each has an event loop of its own, so that the
 * server can be asked while its other loops are busy.
 */
public final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
    private static final long CLOSE_MILLIS = 2_000;
    private static final int MOST_CONNECTIONS = 50;
    private static final int LARGEST_REQUEST = 1 << 20;
    private static final int REQUEST_SECONDS = 10;

    private final HttpFraming framing = new HttpFraming(new HttpFraming.Bounds(
            MOST_CONNECTIONS, LARGEST_REQUEST, LARGEST_REQUEST, LARGEST_REQUEST, REQUEST_SECONDS, 0));
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Path path;
    private final Function<FullHttpRequest, Operator> operators;
    private final ApiRoutes routes;
    private final EventLoopGroup loop;
    private final Channel server;

    /**
     * Opens the control socket. Blocks until it is bound.
     *
     * @param path in a folder that others may not enter; the lock of the data folder is held, so an old socket there is dead
     */
    public static ControlSocket open(Path path, ServerApi api) throws IOException {
        return new ControlSocket(path, api, ControlSocket::operator, "rw-------");
    }

    /**
     * Opens the socket at which every user of the host can list the queue. Blocks until it is bound.
     *
     * @param path in a folder in which only the server's user can delete and replace the socket
     */
    public static ControlSocket openQueue(Path path, ServerApi api) throws IOException {
        Operator user = new Operator("a user of the host", Operator.Role.HOST_USER, false);
        return new ControlSocket(path, api, request -> user, "rw-rw-rw-");
    }

    private ControlSocket(Path path, ServerApi api, Function<FullHttpRequest, Operator> operators, String permissions)
            throws IOException {
        this.path = path;
        this.operators = operators;
        routes = new ApiRoutes(api);
        Files.deleteIfExists(path);
        loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("control", true), NioIoHandler.newFactory());
        ChannelFuture binding = new ServerBootstrap()
                .group(loop)
                .channel(NioServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        if (framing.admit(made)) {
                            connections.add(made);
                            made.pipeline().addLast(new Answers());
                        }
                    }
                })
                .bind(UnixDomainSocketAddress.of(path))
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException(path + ": " + Failures.text(binding.cause()), binding.cause());
        }
        server = binding.channel();
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            routes.answer(request, operators.apply(request))
                    .thenAccept(response -> ctx.executor().execute(() -> send(ctx, response)));
        }

        private static void send(ChannelHandlerContext ctx, FullHttpResponse response) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                    .set(HttpHeaderNames.CONNECTION, "close");
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.debug("event=admin-connection-ended reason=\"{}\"", Failures.text(cause));
            ctx.close();
        }
    }

    /** Returns the operator as the client names it. Who can open the socket may do everything anyway. */
    private static Operator operator(FullHttpRequest request) {
        String name = request.headers().get(ControlClient.OPERATOR_FIELD, "the control socket");
        try {
            return new Operator(URLDecoder.decode(name, StandardCharsets.UTF_8), Operator.Role.ADMINISTRATOR, true);
        } catch (IllegalArgumentException e) {
            return new Operator(name, Operator.Role.ADMINISTRATOR, true);
        }
    }

    /** Closes the socket. Requests under way have two seconds to finish. Blocks. */
    @Override
    public void close() throws IOException {
        server.close().awaitUninterruptibly(CLOSE_MILLIS);
        connections.newCloseFuture().awaitUninterruptibly(CLOSE_MILLIS);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_MILLIS);
        Files.deleteIfExists(path);
    }
}
