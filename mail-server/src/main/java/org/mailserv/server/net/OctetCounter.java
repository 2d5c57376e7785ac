package org.mailserv.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;

/** Counts the octets of a session in both directions. It precedes all handlers that decode them. */
public final class OctetCounter extends ChannelDuplexHandler {
    private final SessionRegistry.Session session;

    public OctetCounter(SessionRegistry.Session session) {
        this.session = session;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf octets) {
            session.addIn(octets.readableBytes());
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf octets) {
            session.addOut(octets.readableBytes());
        } else if (message instanceof FileRegion region) {
            session.addOut(region.count());
        }
        ctx.write(message, promise);
    }
}
