package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.ContentResult;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.server.store.Lease;

/**
 * Writes one message to a channel in pieces. Each is written after the channel has sent the previous one, so that a large message is
 * never in memory as a whole. Uses file regions if no octet has to be changed or encrypted. Used on the event loop only.
 */
final class ContentWriter {
    private static final int PIECE = 256 * 1024;
    private static final int REGION = 1024 * 1024;

    private final OutgoingContent content;
    private final Executor readers;
    private final Lease lease;
    private final boolean inWireForm;
    private final boolean byRegions;
    private final @Nullable ContentConverter converter;
    private long position;
    private boolean written;

    /** Receives the writer's progress. */
    interface Progress {
        /** Called when octets have been sent. */
        void moved();

        /** Called when all octets have been written to the channel. */
        void written();

        /** Called if the content cannot be read, so that the message can neither be completed nor withdrawn. */
        void unreadable(IOException failure);

        /** Called before the end of the message is written, if another node may have taken the message over. */
        void withdrawn();
    }

    /**
     * @param readers runs blocking reads
     * @param lease asked before the end of the message
     * @param data whether DATA is used, not BDAT
     * @param secure whether the connection uses TLS
     */
    ContentWriter(OutgoingContent content, Executor readers, Lease lease, boolean data, boolean secure) {
        this.content = content;
        this.readers = readers;
        this.lease = lease;
        this.inWireForm = content.isInWireForm(data);
        this.byRegions = inWireForm && !secure && content.content().hasRegions();
        this.converter = content.newConverter();
    }

    /** Starts writing. Content in memory is written without a flush; the caller flushes it together with later commands. */
    void start(Channel channel, Progress progress) {
        if (!lease.isSure()) {
            progress.withdrawn();
            return;
        }
        ByteBuf whole = content.retainedWhole();
        if (whole != null) {
            channel.write(inWireForm ? whole : new SmtpContent(whole)).addListener(moved(progress));
            channel.write(new LastSmtpContent(Unpooled.EMPTY_BUFFER, ContentResult.OK));
            written = true;
            progress.written();
        } else {
            next(channel, progress);
        }
    }

    /** Returns whether all octets and the end of the message have been written to the channel. */
    boolean isWritten() {
        return written;
    }

    private void next(Channel channel, Progress progress) {
        if (!channel.isActive()) {
            return;
        }
        long left = content.content().length() - position;
        if (left == 0 && !lease.isSure()) {
            progress.withdrawn();
        } else if (left == 0) {
            channel.writeAndFlush(new LastSmtpContent(converted(channel, null), ContentResult.OK));
            written = true;
            progress.written();
        } else if (byRegions) {
            region(channel, Math.min(left, REGION), progress);
        } else {
            int count = (int) Math.min(left, PIECE);
            read(
                    channel,
                    position,
                    count,
                    piece -> {
                        position += count;
                        ByteBuf out = converted(channel, piece);
                        sent(channel.writeAndFlush(inWireForm ? out : new SmtpContent(out)), channel, progress);
                    },
                    progress);
        }
    }

    /** Returns the converted piece, where null stands for the end. Takes ownership of the piece; the caller owns the result. */
    private ByteBuf converted(Channel channel, @Nullable ByteBuf piece) {
        ContentConverter now = converter;
        if (now == null) {
            return piece == null ? Unpooled.EMPTY_BUFFER : piece;
        }
        ByteBuf out = channel.alloc().ioBuffer(piece == null ? 256 : piece.readableBytes() * 3 / 2);
        if (piece == null) {
            now.end(out);
        } else {
            now.feed(piece, out);
            piece.release();
        }
        return out;
    }

    private void region(Channel channel, long count, Progress progress) {
        try {
            Object region = content.content().region(position, count);
            position += count;
            sent(channel.writeAndFlush(region), channel, progress);
        } catch (IOException e) {
            progress.unreadable(e);
        }
    }

    private void sent(ChannelFuture written, Channel channel, Progress progress) {
        written.addListener((ChannelFutureListener) future -> {
            if (future.isSuccess()) {
                progress.moved();
                next(channel, progress);
            }
        });
    }

    private static ChannelFutureListener moved(Progress progress) {
        return future -> {
            if (future.isSuccess()) {
                progress.moved();
            }
        };
    }

    private void read(Channel channel, long from, int count, Consumer<ByteBuf> then, Progress progress) {
        try {
            readers.execute(() -> {
                @Nullable ByteBuf piece = null;
                @Nullable IOException failure = null;
                try {
                    piece = OutgoingContent.read(content.content(), from, count, channel.alloc());
                } catch (IOException e) {
                    failure = e;
                }
                hop(channel, piece, failure, then, progress);
            });
        } catch (RejectedExecutionException e) {
            progress.unreadable(new IOException("too many reads are pending", e));
        }
    }

    private static void hop(
            Channel channel,
            @Nullable ByteBuf piece,
            @Nullable IOException failure,
            Consumer<ByteBuf> then,
            Progress progress) {
        channel.eventLoop().execute(() -> {
            if (piece != null) {
                then.accept(piece);
            } else if (failure != null) {
                progress.unreadable(failure);
            }
        });
    }
}
