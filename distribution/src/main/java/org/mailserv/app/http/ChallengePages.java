package org.mailserv.app.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
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
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.challenge.HttpTokens;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages with proofs for the CA (HTTP-01, RFC 8555, 8.3), for a listener on port 80 that serves nothing else. */
public final class ChallengePages extends ChannelInitializer<Channel> {
    private static final Logger LOG = LoggerFactory.getLogger(ChallengePages.class);

    private final HttpFraming framing = new HttpFraming(HttpFraming.Bounds.NETWORK);
    private final HttpTokens tokens;

    public ChallengePages(HttpTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (framing.admit(channel)) {
            channel.pipeline().addLast(new Pages());
        }
    }

    /** Returns the answer for a path with a proof, or null for other paths. */
    public static @Nullable FullHttpResponse find(HttpTokens tokens, FullHttpRequest request) {
        boolean get =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        String proof = get ? tokens.find(new QueryStringDecoder(request.uri()).path()) : null;
        return proof == null ? null : response(HttpResponseStatus.OK, "application/octet-stream", proof);
    }

    private static FullHttpResponse response(HttpResponseStatus status, String type, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close")
                .set("X-Content-Type-Options", "nosniff");
        return response;
    }

    private final class Pages extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            FullHttpResponse found = null;
            try {
                found = find(tokens, request);
            } catch (IllegalArgumentException e) {
                // For example a percent sign without two digits.
                LOG.debug("event=http-request-unreadable reason=\"{}\"", Failures.text(e));
            }
            FullHttpResponse answer = found == null
                    ? response(HttpResponseStatus.NOT_FOUND, "text/plain; charset=utf-8", "nothing here\n")
                    : found;
            if (request.method().equals(HttpMethod.HEAD)) {
                answer.content().clear();
            }
            ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.debug("event=http-connection-ended reason=\"{}\"", Failures.text(cause));
            ctx.close();
        }
    }
}
