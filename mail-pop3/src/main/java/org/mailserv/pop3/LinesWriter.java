package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.mailserv.codec.pop3.Pop3Content;

/** Generates lines on the event loop. Each line is cheap to produce. */
final class LinesWriter extends BodyWriter {
    private final Pop3Body.Lines lines;

    LinesWriter(Pop3Body.Lines lines, ChannelHandlerContext ctx, Runnable finished) {
        super(ctx, finished);
        this.lines = lines;
    }

    @Override
    void proceed() {
        while (!isEnded()) {
            ByteBuf piece = ctx.alloc().buffer(4096, PIECE + 1024);
            boolean more = true;
            while (more && piece.readableBytes() < PIECE) {
                more = lines.next(piece);
            }
            if (!more) {
                end(piece);
                return;
            }
            ctx.write(new Pop3Content(piece), ctx.voidPromise());
            if (!ctx.channel().isWritable()) {
                ctx.flush();
                if (!ctx.channel().isWritable()) {
                    return;
                }
            }
        }
    }
}
