package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Encodes replies and byte-stuffs their content. It notifies the codec of each reply so that the decoder continues.
 * File regions pass unchanged: they contain no line that needs stuffing and end within a line.
 */
final class Pop3ReplyEncoder extends MessageToMessageEncoder<Object> {
    private final ByteStuffer stuffer = new ByteStuffer();
    private final Consumer<Pop3Reply> replied;
    private final Runnable ended;

    /**
     * @param replied called with each first line once it has been written
     * @param ended called at the end of each multi-line reply
     */
    Pop3ReplyEncoder(Consumer<Pop3Reply> replied, Runnable ended) {
        super(Object.class);
        this.replied = replied;
        this.ended = ended;
    }

    @Override
    public boolean acceptOutboundMessage(Object message) {
        return message instanceof Pop3Reply || message instanceof Pop3Content || message instanceof FileRegion;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        super.write(ctx, message, promise);
        // Notified only now: the decoder may decode the next command at once, and its reply must follow this one.
        if (message instanceof Pop3Reply reply) {
            replied.accept(reply);
        } else if (message instanceof LastPop3Content) {
            ended.run();
        }
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Object message, List<Object> out) {
        if (message instanceof Pop3Reply reply) {
            String line = reply.toString();
            ByteBuf octets = ctx.alloc().buffer(ByteBufUtil.utf8MaxBytes(line.length() + 2));
            ByteBufUtil.writeUtf8(octets, line);
            out.add(octets.writeByte('\r').writeByte('\n'));
        } else if (message instanceof Pop3Content content) {
            // The superclass releases the message. Its buffer is passed on in slices.
            stuffer.stuff(content.content().retain(), out::add);
            if (message instanceof LastPop3Content) {
                out.add(stuffer.end());
            }
        } else if (message instanceof FileRegion region) {
            stuffer.withinLine();
            out.add(region.retain());
        }
    }
}
