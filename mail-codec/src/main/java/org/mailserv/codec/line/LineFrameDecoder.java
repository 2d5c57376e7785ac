package org.mailserv.codec.line;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows lines: CRLF ends one and nothing else does, and none is longer than its limit. A subclass owns the protocol's framing: it
 * decodes one frame, then stays blocked until the reply to it has moved it on, so that octets behind a command are never
 * read as the wrong kind of thing.
 *
 * <p>While it is blocked it holds what has come, and stops reading from the channel beyond {@link #HIGH_MARK}. It alone turns
 * reading off and on.
 *
 * <p>A client that closes its side of the connection still gets the answers to all that it has sent: {@link EndOfInput} says when
 * there is nothing more to be answered.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8">RFC 5321, 2.3.8</a>
 */
public abstract class LineFrameDecoder extends ByteToMessageDecoder {
    /** Octets that may wait behind a command that has not been answered. */
    public static final int HIGH_MARK = 64 * 1024;

    private final int initialLimit;
    private @Nullable ChannelHandlerContext context;
    private int scanned;
    private boolean discarding;
    private boolean lastDiscardedCr;
    private boolean readingStopped;
    private boolean reading;
    private boolean resumed;
    private boolean inputEnded;
    private boolean endTold;

    /** @param initialLimit most octets of a line with its CRLF, until a subclass asks for another */
    protected LineFrameDecoder(int initialLimit) {
        if (initialLimit < 4) {
            throw new IllegalArgumentException("initialLimit: " + initialLimit + " (expected: >= 4)");
        }
        this.initialLimit = initialLimit;
    }

    /** Decodes one frame if it is there; called again while it makes progress. */
    protected abstract void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

    /** Whether nothing may be decoded now. */
    protected abstract boolean isBlocked();

    /** What is wrong with a line. */
    public enum Fault {
        TOO_LONG,
        /** A CR without LF behind it, or a LF without CR before it; a bare LF ends the bad line. */
        BARE_CR_OR_LF
    }

    /** A line was read that is none: gives what to emit for it. Its octets are gone. */
    protected abstract void onFault(Fault fault, List<Object> out);

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /**
     * Never enters itself: a reply written from within would else release the buffer under the outer call, which would go on with memory
     * that belongs to somebody else by then.
     */
    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (reading) {
            super.channelRead(ctx, message);
            return;
        }
        reading = true;
        try {
            super.channelRead(ctx, message);
            while (resumed && actualReadableBytes() > 0) {
                resumed = false;
                super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
            }
        } finally {
            reading = false;
            resumed = false;
        }
        tellEnd();
    }

    /** Does not drop what waits for its turn, as the superclass would: the client has closed its side only. */
    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.fireUserEventTriggered(event);
            inputEnded();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    /** Notes that nothing more will come from the client, which may still read. On the event loop; any number of times. */
    public final void inputEnded() {
        inputEnded = true;
        tellEnd();
    }

    private void tellEnd() {
        ChannelHandlerContext ctx = context;
        if (inputEnded && !endTold && !reading && !isBlocked() && ctx != null && !ctx.isRemoved()) {
            endTold = true;
            ctx.fireUserEventTriggered(EndOfInput.INSTANCE);
        }
    }

    @Override
    protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (isBlocked()) {
            if (!readingStopped && in.readableBytes() > HIGH_MARK) {
                readingStopped = true;
                ctx.channel().config().setAutoRead(false);
            }
            return;
        }
        decodeFrame(ctx, in, out);
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        // The peer is gone: nobody could be answered, and a part of a line is no line.
        in.skipBytes(in.readableBytes());
    }

    /**
     * Takes one line off the buffer.
     *
     * @return the line without its CRLF, a slice that lives as long as the buffer's octets, not retained; null when there is none
     *     yet, or when there was a fault, which {@link #onFault} has been told of
     */
    protected final @Nullable ByteBuf readLine(ByteBuf in, int limit, List<Object> out) {
        if (discarding) {
            discard(in, out);
            return null;
        }
        int start = in.readerIndex();
        int from = start + Math.min(scanned, in.readableBytes());
        int lf = in.indexOf(from, in.writerIndex(), (byte) '\n');
        if (lf < 0) {
            scanned = in.readableBytes();
            if (scanned >= limit) {
                discarding = true;
                discard(in, out);
            }
            return null;
        }
        scanned = 0;
        int length = lf + 1 - start;
        ByteBuf line = in.readSlice(length);
        boolean crlf = length >= 2 && line.getByte(length - 2) == '\r';
        if (length > limit) {
            // Where it ends must not depend on how much of it had come: the same as where its beginning was dropped.
            if (crlf || takesBareLf()) {
                onFault(Fault.TOO_LONG, out);
            } else {
                discarding = true;
                lastDiscardedCr = false;
                discard(in, out);
            }
            return null;
        }
        int content = crlf ? length - 2 : length - 1;
        if (!crlf && !takesBareLf() || line.indexOf(0, content, (byte) '\r') >= 0) {
            onFault(Fault.BARE_CR_OR_LF, out);
            return null;
        }
        return line.slice(0, content);
    }

    /** Whether a bare LF ends a line too: only where nobody can gain by two readers disagreeing, so by default not. */
    protected boolean takesBareLf() {
        return false;
    }

    /** The line limit the decoder was made with. */
    protected final int lineLimit() {
        return initialLimit;
    }

    /** Drops the rest of an over-long line up to its true end, which is CRLF as a rule; memory stays within the limit. */
    private void discard(ByteBuf in, List<Object> out) {
        while (in.isReadable()) {
            int lf = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
            if (lf < 0) {
                lastDiscardedCr = in.getByte(in.writerIndex() - 1) == '\r';
                in.skipBytes(in.readableBytes());
                scanned = 0;
                return;
            }
            boolean crlf = lf > in.readerIndex() ? in.getByte(lf - 1) == '\r' : lastDiscardedCr;
            in.skipBytes(lf + 1 - in.readerIndex());
            lastDiscardedCr = false;
            if (crlf || takesBareLf()) {
                discarding = false;
                scanned = 0;
                onFault(Fault.TOO_LONG, out);
                return;
            }
        }
    }

    /**
     * Goes on after a block has been lifted. On the event loop; from within a read it does nothing, because the read goes on by
     * itself.
     */
    protected final void resume() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || ctx.isRemoved()) {
            return;
        }
        if (readingStopped) {
            readingStopped = false;
            ctx.channel().config().setAutoRead(true);
        }
        if (reading) {
            resumed = true;
            return;
        }
        if (actualReadableBytes() == 0) {
            tellEnd();
            return;
        }
        try {
            channelRead(ctx, Unpooled.EMPTY_BUFFER);
            channelReadComplete(ctx);
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    /** Whether octets have come that have not been decoded. */
    public final boolean hasBufferedInput() {
        return actualReadableBytes() > 0;
    }

    /** Throws away what has come and has not been decoded. */
    protected final void dropBufferedInput() {
        if (actualReadableBytes() > 0) {
            ByteBuf buffered = internalBuffer();
            buffered.skipBytes(buffered.readableBytes());
        }
        scanned = 0;
        discarding = false;
    }
}
