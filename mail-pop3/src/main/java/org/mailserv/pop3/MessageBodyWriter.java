package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3Content;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a message chunk by chunk. A disk thread reads the next chunk while the previous one is being sent. Without
 * TLS, large chunks that need no dot-stuffing are sent as file regions, which avoids copying their octets.
 */
final class MessageBodyWriter extends BodyWriter {
    private static final Logger LOG = LoggerFactory.getLogger(MessageBodyWriter.class);
    // For smaller chunks, the cost of a region exceeds its benefit.
    private static final int REGION_MINIMUM = 32 * 1024;

    private final MaildropMessage message;
    private final MessageContent content;
    private final Executor disk;
    private final boolean zeroCopy;
    private final TopScanner top;

    private long position;
    private boolean reading;
    private boolean closed;
    private int lastOctet = '\n';

    MessageBodyWriter(
            Pop3Body.Message body, ChannelHandlerContext ctx, Executor disk, boolean zeroCopy, Runnable finished) {
        super(ctx, finished);
        this.message = body.message();
        this.content = message.content();
        this.disk = disk;
        this.zeroCopy = zeroCopy && content.hasRegions();
        this.top = new TopScanner(body.bodyLines());
    }

    @Override
    void proceed() {
        if (isEnded() || reading) {
            return;
        }
        if (position >= content.length()) {
            close();
            end(nothing());
            return;
        }
        if (!ctx.channel().isWritable()) {
            ctx.flush();
            // The flush may have made the channel writable, which calls this method.
            if (reading || isEnded() || !ctx.channel().isWritable()) {
                return;
            }
        }
        reading = true;
        if (content.isInMemory()) {
            read();
            return;
        }
        try {
            disk.execute(this::read);
        } catch (RejectedExecutionException e) {
            reading = false;
            broken(e);
        }
    }

    /** Reads the next chunk. Runs on a disk thread, or on the event loop if the content is in memory. */
    private void read() {
        int count = (int) Math.min(top.isAll() ? PIECE : TopScanner.PIECE, content.length() - position);
        ByteBuf piece = ctx.alloc().buffer(count, count);
        Throwable failure = null;
        try {
            content.read(position, piece.nioBuffer(0, count));
            piece.writerIndex(count);
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        Throwable problem = failure;
        if (ctx.executor().inEventLoop()) {
            arrived(piece, problem);
        } else {
            ctx.executor().execute(() -> arrived(piece, problem));
        }
    }

    private void arrived(ByteBuf piece, @Nullable Throwable failure) {
        reading = false;
        if (isEnded()) {
            piece.release();
            close();
            return;
        }
        if (failure != null) {
            piece.release();
            broken(failure);
            return;
        }
        long start = position;
        position += piece.readableBytes();
        boolean complete = top.cut(piece);
        if (complete) {
            close();
            end(piece);
            return;
        }
        if (position >= content.length()) {
            close();
            end(piece);
            return;
        }
        write(piece, start);
        proceed();
    }

    private void write(ByteBuf piece, long start) {
        int octets = piece.readableBytes();
        boolean atLineStart = lastOctet == '\n';
        lastOctet = piece.getByte(piece.writerIndex() - 1);
        // A region must end within a line, because the encoder does not see its octets.
        if (zeroCopy
                && top.isAll()
                && octets >= REGION_MINIMUM
                && lastOctet != '\n'
                && !needsStuffing(piece, atLineStart)) {
            FileRegion region = null;
            try {
                region = content.region(start, octets);
            } catch (IOException e) {
                LOG.debug("event=pop3-region-failed reason=\"{}\"", Failures.text(e));
            }
            if (region != null) {
                ctx.write(region, ctx.voidPromise());
                piece.release();
                return;
            }
        }
        ctx.write(new Pop3Content(piece), ctx.voidPromise());
    }

    private static boolean needsStuffing(ByteBuf piece, boolean atLineStart) {
        int end = piece.writerIndex();
        int from = piece.readerIndex();
        if (atLineStart && piece.getByte(from) == '.') {
            return true;
        }
        for (int dot = piece.indexOf(from + 1, end, (byte) '.'); dot >= 0; ) {
            if (piece.getByte(dot - 1) == '\n') {
                return true;
            }
            dot = dot + 1 < end ? piece.indexOf(dot + 1, end, (byte) '.') : -1;
        }
        return false;
    }

    /** Closes the connection after a failed read. An error cannot be reported in the middle of a multi-line reply. */
    private void broken(Throwable failure) {
        LOG.warn("event=pop3-read-failed reason=\"{}\"", Failures.text(failure));
        stop();
        ctx.close();
    }

    @Override
    void stop() {
        super.stop();
        if (!reading) {
            close();
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            message.close();
        }
    }
}
