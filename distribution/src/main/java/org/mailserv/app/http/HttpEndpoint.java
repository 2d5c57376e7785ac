package org.mailserv.app.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP endpoint: {@code /livez}, {@code /readyz}, {@code /metrics}, settings for mail programs and the admin page. Never blocks. */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

    private static final Set<String> OPEN_PATHS = Set.of("/livez", "/readyz", "/metrics");

    private final HttpFraming framing = new HttpFraming(HttpFraming.Bounds.NETWORK);
    private final Channel channel;
    private final Content content;
    private final Entrance entrance;

    /**
     * The way in.
     *
     * @param key of the setting, for errors
     * @param tls returns a handler for a new connection, placed first in its pipeline; null for plain HTTP
     * @param proxies networks of reverse proxies whose {@code X-Forwarded-Proto} is believed
     */
    public record Entrance(
            String key,
            InetSocketAddress address,
            @Nullable Function<ByteBufAllocator, ChannelHandler> tls,
            CidrSet proxies) {}

    /**
     * The content, which endpoints can share.
     *
     * @param trouble returns the reason why the server is not ready, or an empty text; called from event loops, must not block
     * @param notes returns warnings for an operator, one per line; must not block
     * @param admin null if the admin page is disabled
     * @param accounts null if the users' page is disabled
     * @param pages answers further public paths, and returns null for unknown ones; must not block
     * @param metrics returns the metrics in Prometheus' text format; must not block
     */
    public record Content(
            Supplier<String> trouble,
            Supplier<String> notes,
            Supplier<String> metrics,
            @Nullable AdminHandler admin,
            @Nullable AccountDoor accounts,
            Function<FullHttpRequest, @Nullable FullHttpResponse> pages) {}

    /** Opens the endpoint. Health and metrics, which need no login, are left out where the entrance uses TLS. Blocks until it is bound. */
    public HttpEndpoint(EventLoops loops, Entrance entrance, Content content) throws StartupException {
        this.content = content;
        this.entrance = entrance;
        ChannelFuture binding = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        if (framing.admit(made)) {
                            if (entrance.tls() != null) {
                                made.pipeline().addFirst("tls", entrance.tls().apply(made.alloc()));
                            }
                            made.pipeline().addLast(new Answers());
                        }
                    }
                })
                .bind(entrance.address())
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new StartupException(
                    StartupException.bindProblem(
                            entrance.key() + " " + Addresses.text(entrance.address()) + ": ", binding.cause()),
                    binding.cause());
        }
        channel = binding.channel();
        LOG.info(
                "event=listening kind={} address={}",
                entrance.tls() == null ? "HTTP" : "HTTPS",
                Addresses.text(channel.localAddress()));
        if (entrance.tls() == null) {
            tellHealthCheck((InetSocketAddress) channel.localAddress());
        }
    }

    /** Writes the address to a file for the health check of a container, which does not read the configuration. */
    private static void tellHealthCheck(InetSocketAddress address) {
        String file = System.getenv("MAILSERV_HEALTH_FILE");
        if (file == null || file.isEmpty()) {
            return;
        }
        String host = address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
        try {
            Files.writeString(Path.of(file), host + " " + address.getPort() + "\n");
        } catch (IOException e) {
            LOG.warn(
                    "event=health-file-failed file={} reason=\"{}\" advice=\"the health check will fail\"",
                    file,
                    Failures.text(e));
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
        private boolean head;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            head = request.method().equals(HttpMethod.HEAD);
            try {
                String path = new QueryStringDecoder(request.uri()).path();
                AccountDoor users = content.accounts();
                if (users != null && AccountDoor.isOurs(path)) {
                    users.answer(request, peer(ctx), isSecure(ctx, request), entrance.proxies())
                            .thenAccept(response -> ctx.executor().execute(() -> send(ctx, response)));
                    return;
                }
                AdminHandler handler = content.admin();
                if (handler != null && AdminHandler.isOurs(path)) {
                    handler.answer(request, isSecure(ctx, request))
                            .thenAccept(response -> ctx.executor().execute(() -> send(ctx, response)));
                    return;
                }
                FullHttpResponse page = content.pages().apply(request);
                send(ctx, page == null ? answer(request) : page);
            } catch (IllegalArgumentException e) {
                // For example a percent sign without two digits.
                send(ctx, text(HttpResponseStatus.BAD_REQUEST, "cannot read the request\n"));
            }
        }

        private static @Nullable InetAddress peer(ChannelHandlerContext ctx) {
            return ctx.channel().remoteAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
        }

        /** Returns whether the client uses TLS, here or at a trusted proxy. */
        private boolean isSecure(ChannelHandlerContext ctx, FullHttpRequest request) {
            return entrance.tls() != null
                    || "https".equalsIgnoreCase(request.headers().get("X-Forwarded-Proto"))
                            && ctx.channel().remoteAddress() instanceof InetSocketAddress peer
                            && entrance.proxies().contains(peer.getAddress());
        }

        private void send(ChannelHandlerContext ctx, FullHttpResponse full) {
            FullHttpResponse response = full;
            int length = full.content().readableBytes();
            if (head) {
                // The header of a GET without its content. RFC 9110, 9.3.2
                response = full.replace(Unpooled.EMPTY_BUFFER);
                full.release();
            }
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, length)
                    .set(HttpHeaderNames.CONNECTION, "close")
                    .set("X-Content-Type-Options", "nosniff");
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        private FullHttpResponse answer(FullHttpRequest request) {
            String path = new QueryStringDecoder(request.uri()).path();
            boolean get =
                    request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
            if (!get && OPEN_PATHS.contains(path)) {
                FullHttpResponse response = text(HttpResponseStatus.METHOD_NOT_ALLOWED, "GET and HEAD only\n");
                response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
                return response;
            }
            switch (entrance.tls() != null && !path.equals("/livez") ? "" : path) {
                case "/livez" -> {
                    return text(HttpResponseStatus.OK, "ok\n");
                }
                case "/readyz" -> {
                    String problem = content.trouble().get();
                    return problem.isEmpty()
                            ? text(
                                    HttpResponseStatus.OK,
                                    "ok\n" + content.notes().get())
                            : text(HttpResponseStatus.SERVICE_UNAVAILABLE, problem + "\n");
                }
                case "/metrics" -> {
                    FullHttpResponse response =
                            text(HttpResponseStatus.OK, content.metrics().get());
                    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
                    return response;
                }
                default -> {
                    return text(
                            HttpResponseStatus.NOT_FOUND,
                            entrance.tls() != null
                                    ? "no such page\n"
                                    : "/livez, /readyz, /metrics; /admin and /api once http.admin-password is set\n");
                }
            }
        }

        private static FullHttpResponse text(HttpResponseStatus status, String text) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
            return response;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.debug("event=http-connection-ended reason=\"{}\"", Failures.text(cause));
            ctx.close();
        }
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly(1_000);
    }
}
