package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import org.mailserv.codec.pop3.LastPop3Content;

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

    /** Returns the empty buffer that ends a body without further octets. */
    static ByteBuf nothing() {
        return Unpooled.EMPTY_BUFFER;
    }
}
