package org.mailserv.relay.trust;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Fetches MTA-STS policies over HTTPS (RFC 8461, 3.3). Sends one GET, requires a certificate that is valid for {@code mta-sts.DOMAIN},
 * follows no redirects, and limits the size to 64 KiB and the total time.
 */
public final class HttpsFetcher implements StsFetcher {
    private static final int MAX_POLICY = 64 << 10;
    private static final int OK = 200;

    private final Dns dns;
    private final EventLoopGroup group;
    private final Class<? extends SocketChannel> type;
    private final TlsClients tls;
    private final int port;
    private final boolean allowLoopback;
    private final Duration timeout;

    /**
     * @param port the HTTPS port: 443, except in tests
     * @param allowLoopback whether the policy host may have a loopback address
     */
    public HttpsFetcher(
            Dns dns,
            EventLoopGroup group,
            Class<? extends SocketChannel> type,
            TlsClients tls,
            int port,
            boolean allowLoopback,
            Duration timeout) {
        this.dns = dns;
        this.group = group;
        this.type = type;
        this.tls = tls;
        this.port = port;
        this.allowLoopback = allowLoopback;
        this.timeout = timeout;
    }

    @Override
    public CompletionStage<String> fetch(String domain) {
        String host = "mta-sts." + domain;
        return dns.addresses(host)
                .thenCompose(answer -> {
                    List<InetAddress> usable = answer instanceof DnsAnswer.Found<InetAddress> found
                            ? found.records().stream().filter(this::isUsable).toList()
                            : List.of();
                    return usable.isEmpty()
                            ? CompletableFuture.failedFuture(new IOException(host + " has no address"))
                            : attempt(host, usable, 0);
                })
                .toCompletableFuture()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean isUsable(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && (allowLoopback || !address.isLoopbackAddress());
    }

    /** Tries one address, and a second one if that fails. */
    private CompletionStage<String> attempt(String host, List<InetAddress> addresses, int index) {
        return get(host, new InetSocketAddress(addresses.get(index), port))
                .handle((text, failure) -> {
                    boolean more = failure != null && index == 0 && addresses.size() > 1;
                    CompletionStage<String> next = failure == null
                            ? CompletableFuture.completedFuture(text)
                            : CompletableFuture.failedFuture(failure);
                    return more ? attempt(host, addresses, 1) : next;
                })
                .thenCompose(stage -> stage);
    }

    private CompletionStage<String> get(String host, InetSocketAddress address) {
        CompletableFuture<String> done = new CompletableFuture<>();
        new Bootstrap()
                .group(group)
                .channel(type)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, timeout.toMillis() / 2))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(tls.verifying(channel.alloc(), host, port, timeout))
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(MAX_POLICY))
                                .addLast(new Answer(done));
                    }
                })
                .connect(address)
                .addListener((ChannelFutureListener) connected -> {
                    if (connected.isSuccess()) {
                        connected.channel().writeAndFlush(request(host));
                        done.whenComplete((text, failure) -> connected.channel().close());
                    } else {
                        done.completeExceptionally(connected.cause());
                    }
                });
        return done.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static DefaultFullHttpRequest request(String host) {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.GET, "/.well-known/mta-sts.txt", Unpooled.EMPTY_BUFFER);
        request.headers()
                .set(HttpHeaderNames.HOST, host)
                .set(HttpHeaderNames.CONNECTION, "close")
                .set(HttpHeaderNames.USER_AGENT, "mailserv");
        return request;
    }

    private static final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<String> done;

        Answer(CompletableFuture<String> done) {
            this.done = done;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            int status = response.status().code();
            if (status == OK && response.decoderResult().isSuccess()) {
                done.complete(response.content().toString(StandardCharsets.UTF_8));
            } else {
                done.completeExceptionally(new IOException("the server answered with HTTP status " + status));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            done.completeExceptionally(new IOException(TlsClients.reason(cause), cause));
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            done.completeExceptionally(new IOException("the connection was closed"));
        }
    }
}
