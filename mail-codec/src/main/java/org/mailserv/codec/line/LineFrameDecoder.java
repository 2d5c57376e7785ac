package org.mailserv.codec.line;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits the input into lines of limited length. Only CRLF terminates a line. A subclass implements the protocol's
 * framing: it decodes one frame and then stays blocked until the reply selects the kind of the next one. Octets after
 * a command are therefore never decoded as the wrong kind of frame.
 *
 * <p>While blocked, the decoder buffers input and stops reading from the channel above {@link #HIGH_MARK}. No other
 * handler may change auto-read.
 *
 * <p>A client that shuts down its output still receives replies to everything it sent. {@link EndOfInput} signals
 * that nothing is left to answer.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8">RFC 5321, 2.3.8</a>
 */
public abstract class LineFrameDecoder extends ByteToMessageDecoder {
    /** Octets that may be buffered after a command that has not been answered. */
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

    /**
     * @param initialLimit maximum octets of a line including CRLF, unless a subclass passes another limit; at least 4
     */
    protected LineFrameDecoder(int initialLimit) {
        if (initialLimit < 4) {
            throw new IllegalArgumentException("initialLimit: " + initialLimit + " (expected: >= 4)");
        }
        this.initialLimit = initialLimit;
    }

    /** Decodes one frame if it is complete. Called again as long as it makes progress. */
    protected abstract void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

    /** Returns whether decoding is blocked until a reply has been sent. */
    protected abstract boolean isBlocked();

    /** The defects of a line. */
    public enum Fault {
        TOO_LONG,
        /** A CR without a following LF, or an LF without a preceding CR. A bare LF ends the malformed line. */
        BARE_CR_OR_LF
    }

    /** Emits an object for a malformed line, whose octets have been consumed. */
    protected abstract void onFault(Fault fault, List<Object> out);

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /**
     * Decodes input without reentrance. A reply written during decoding would otherwise release the buffer that the
     * outer call is still using.
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

    /** Keeps buffered input when the client shuts down its output. The superclass would discard it. */
    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.fireUserEventTriggered(event);
            inputEnded();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    /**
     * Records that the client will send nothing more, though it may still read. Called on the event loop, possibly
     * repeatedly.
     */
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
        // The peer has disconnected: no reply can be sent, and a partial line is not a line.
        in.skipBytes(in.readableBytes());
    }

    /**
     * Reads one line from the buffer.
     *
     * @param limit maximum octets of the line including CRLF
     * @return the line without its CRLF, as an unretained slice of the buffer; null if no line is complete, or after
     *     a fault, which has been passed to {@link #onFault}
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
            // The end of an overlong line must not depend on chunk boundaries, so it is found as in discard().
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

    /**
     * Returns whether a bare LF terminates a line, false by default. It may be true only where differing
     * interpretations cannot be exploited.
     */
    protected boolean takesBareLf() {
        return false;
    }

    /** Returns the line limit passed to the constructor. */
    protected final int lineLimit() {
        return initialLimit;
    }

    /** Discards the rest of an overlong line up to its terminator, usually CRLF. Memory use stays within the limit. */
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
     * Resumes decoding after a block has been lifted. Called on the event loop. Has no effect during a read, which
     * resumes by itself.
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

    /** Returns whether received octets have not been decoded yet. */
    public final boolean hasBufferedInput() {
        return actualReadableBytes() > 0;
    }

    /** Discards received octets that have not been decoded. */
    protected final void dropBufferedInput() {
        if (actualReadableBytes() > 0) {
            ByteBuf buffered = internalBuffer();
            buffered.skipBytes(buffered.readableBytes());
        }
        scanned = 0;
        discarding = false;
    }
}
