package org.mailserv.app.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The way from octets to one whole request a connection: bounded in size, time and number of connections, and strict about what ends a
 * request (RFC 9112, 6.3), so that no proxy in front can be led to see other requests than this server does.
 */
public final class HttpFraming {
    private final AtomicInteger open = new AtomicInteger();
    private final Bounds bounds;

    /**
     * Bounds of connections.
     *
     * @param line maximum octets of a request line
     * @param header maximum octets of a header
     * @param body maximum octets of a content
     * @param requestSeconds time from the accept to the last octet of the request
     * @param connectionSeconds time from the accept to the last octet of the response; 0 for no limit
     */
    record Bounds(int connections, int line, int header, int body, int requestSeconds, int connectionSeconds) {
        /** The bounds of connections over the network. */
        static final Bounds NETWORK = new Bounds(200, 4096, 8 * 1024, 64 * 1024, 10, 60);
    }

    HttpFraming(Bounds bounds) {
        this.bounds = bounds;
    }

    /** Makes a new connection ready for {@link FullHttpRequest}s; false when there are too many, and it is closed. */
    boolean admit(Channel channel) {
        if (open.incrementAndGet() > bounds.connections()) {
            open.decrementAndGet();
            channel.close();
            return false;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        channel.pipeline()
                .addLast(new HttpResponseEncoder())
                .addLast(new Decoder(bounds))
                .addLast(new Strictness())
                .addLast(new HttpObjectAggregator(bounds.body(), true))
                .addLast(new Deadline(bounds));
        return true;
    }

    /** Refuses a message with two lengths, of which one would have to be believed. */
    private static final class Decoder extends HttpRequestDecoder {
        Decoder(Bounds bounds) {
            super(new HttpDecoderConfig()
                    .setMaxInitialLineLength(bounds.line())
                    .setMaxHeaderSize(bounds.header())
                    .setAllowDuplicateContentLengths(false));
        }

        @Override
        protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
            throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
        }
    }

    private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                status,
                Unpooled.copiedBuffer(status.reasonPhrase() + "\n", StandardCharsets.US_ASCII));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    /** Answers what cannot be read, and passes nothing on after that. */
    private static final class Strictness extends ChannelInboundHandlerAdapter {
        private boolean over;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            HttpResponseStatus problem = over || !(message instanceof HttpObject object) ? null : problem(object);
            if (problem != null) {
                over = true;
                refuse(ctx, problem);
            }
            if (over) {
                ReferenceCountUtil.release(message);
            } else {
                ctx.fireChannelRead(message);
            }
        }

        private static @Nullable HttpResponseStatus problem(HttpObject object) {
            Throwable cause = object.decoderResult().cause();
            if (cause instanceof TooLongHttpLineException) {
                return HttpResponseStatus.REQUEST_URI_TOO_LONG;
            } else if (cause instanceof TooLongHttpHeaderException) {
                return HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
            } else if (cause != null) {
                return HttpResponseStatus.BAD_REQUEST;
            }
            return object instanceof HttpRequest request ? headProblem(request) : null;
        }

        /** RFC 9112, 3.2 and 6.1. */
        private static @Nullable HttpResponseStatus headProblem(HttpRequest request) {
            int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
            boolean modern = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0;
            String encoding = String.join(",", request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING));
            if (hosts > 1 || modern && hosts == 0) {
                return HttpResponseStatus.BAD_REQUEST;
            } else if (!encoding.isEmpty() && (!modern || !encoding.equalsIgnoreCase("chunked"))) {
                return HttpResponseStatus.BAD_REQUEST;
            } else if (request.headers().getAll(HttpHeaderNames.CONTENT_LENGTH).size() > 1) {
                return HttpResponseStatus.BAD_REQUEST;
            }
            return null;
        }
    }

    /** Lets one request through, and cuts a client that takes too long for it. */
    private static final class Deadline extends ChannelInboundHandlerAdapter {
        private final Bounds bounds;
        private boolean complete;

        Deadline(Bounds bounds) {
            this.bounds = bounds;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            var request = ctx.executor()
                    .schedule(
                            () -> {
                                if (!complete) {
                                    complete = true;
                                    refuse(ctx, HttpResponseStatus.REQUEST_TIMEOUT);
                                }
                            },
                            bounds.requestSeconds(),
                            TimeUnit.SECONDS);
            ctx.channel().closeFuture().addListener(closed -> request.cancel(false));
            if (bounds.connectionSeconds() > 0) {
                var all = ctx.executor().schedule(() -> ctx.close(), bounds.connectionSeconds(), TimeUnit.SECONDS);
                ctx.channel().closeFuture().addListener(closed -> all.cancel(false));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            // The answer closes the connection: what is pipelined behind the first request is not looked at.
            if (complete || !(message instanceof FullHttpRequest)) {
                ReferenceCountUtil.release(message);
                return;
            }
            complete = true;
            ctx.fireChannelRead(message);
        }
    }
}
