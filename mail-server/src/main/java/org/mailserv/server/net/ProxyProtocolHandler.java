package org.mailserv.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the PROXY protocol header of a connection and starts the session with the client address it contains.
 * Installed only for connections from configured proxies, because any other peer could forge the header.
 */
public final class ProxyProtocolHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyProtocolHandler.class);
    private static final int MAX_TLVS = 512;
    private static final int SECONDS = 10;

    private final ChannelHandler session;
    private @Nullable Future<?> timer;
    private boolean done;

    private ProxyProtocolHandler(ChannelHandler session) {
        this.session = session;
    }

    /**
     * Installs the handler in a new pipeline.
     *
     * @param session initializer of the pipeline after the header
     */
    public static void install(Channel channel, ChannelHandler session) {
        channel.pipeline()
                .addLast("proxy-decoder", new HAProxyMessageDecoder(MAX_TLVS, true))
                .addLast("proxy", new ProxyProtocolHandler(session));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        // The session starts once the client address is known.
        timer = ctx.executor().schedule(() -> refuse(ctx, "no header in time"), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HAProxyMessage header) {
            try {
                take(ctx, header);
            } finally {
                header.release();
            }
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void take(ChannelHandlerContext ctx, HAProxyMessage header) {
        done = true;
        if (timer != null) {
            timer.cancel(false);
        }
        String source = header.sourceAddress();
        byte[] octets = source == null ? null : NetUtil.createByteArrayFromIpAddressString(source);
        if (header.command() == HAProxyCommand.PROXY && octets != null) {
            try {
                ClientAddress.tell(ctx.channel(), InetAddress.getByAddress(octets));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of " + octets.length + " octets", e);
            }
        }
        // LOCAL is the proxy's own health check, with its own address.
        ctx.pipeline().addLast(session);
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            refuse(ctx, "closed before the header");
        }
        ctx.fireUserEventTriggered(event);
    }

    private void refuse(ChannelHandlerContext ctx, String reason) {
        if (!done) {
            done = true;
            LOG.warn(
                    "event=proxy-header-refused peer={} reason=\"{}\"",
                    ctx.channel().remoteAddress(),
                    reason);
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        refuse(ctx, Failures.text(cause));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
