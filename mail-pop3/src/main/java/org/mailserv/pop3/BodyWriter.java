package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.Executor;
import org.mailserv.codec.pop3.LastPop3Content;
import org.mailserv.codec.pop3.Pop3Content;

/**
 * Writes the body of one multi-line reply at the pace of the client. Memory stays within the channel's write
 * watermarks plus one chunk. Confined to the event loop.
 */
abstract class BodyWriter {
    /** Maximum octets per chunk, sized for one gathering write. */
    static final int PIECE = 64 * 1024;

    final ChannelHandlerContext ctx;
    private final Runnable finished;
    private boolean ended;

    /** @param finished called once the last chunk has been handed to the channel */
    BodyWriter(ChannelHandlerContext ctx, Runnable finished) {
        this.ctx = ctx;
        this.finished = finished;
    }

    static BodyWriter of(Pop3Body body, ChannelHandlerContext ctx, Executor disk, boolean zeroCopy, Runnable finished) {
        return body instanceof Pop3Body.Message message
                ? new MessageBodyWriter(message, ctx, disk, zeroCopy, finished)
                : new LinesWriter((Pop3Body.Lines) body, ctx, finished);
    }

    /**
     * Writes until the channel is no longer writable. Called at the start and whenever the channel becomes writable
     * again.
     */
    abstract void proceed();

    /** Releases held resources after the connection has closed. */
    void stop() {
        ended = true;
    }

    final boolean isEnded() {
        return ended;
    }

    final void end(ByteBuf last) {
        ended = true;
        ctx.write(new LastPop3Content(last), ctx.voidPromise());
        finished.run();
    }

    /** Generates lines on the event loop. Each line is cheap to produce. */
    private static final class LinesWriter extends BodyWriter {
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

    /** Returns the empty buffer that ends a body without further octets. */
    static ByteBuf nothing() {
        return Unpooled.EMPTY_BUFFER;
    }
}
