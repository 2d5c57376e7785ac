package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;

/** An open message: its pieces in memory if they are still there, and always a part of a file. */
final class SpooledMessage implements LinkableMessage, MessageContent {
    private final Envelope envelope;
    private final MessageState state;
    private final FileChannel file;
    private final long offset;
    private final long length;
    private final List<ByteBuf> pieces;
    private final @Nullable Path mailboxFile;
    private final Runnable onClose;
    private final AtomicInteger holds = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param pieces the content in memory, ownership passes; empty if it is only in the file
     * @param mailboxFile the file if it is in mailbox format, else null
     * @param onClose called once, when the message and all its regions have been released, and before its pieces are
     */
    SpooledMessage(
            Envelope envelope,
            MessageState state,
            FileChannel file,
            long offset,
            long length,
            List<ByteBuf> pieces,
            @Nullable Path mailboxFile,
            Runnable onClose) {
        this.envelope = envelope;
        this.state = state;
        this.file = file;
        this.offset = offset;
        this.length = length;
        this.pieces = pieces;
        this.mailboxFile = mailboxFile;
        this.onClose = onClose;
    }

    @Override
    public Envelope envelope() {
        return envelope;
    }

    @Override
    public MessageState state() {
        return state;
    }

    @Override
    public MessageContent content() {
        return this;
    }

    @Override
    public @Nullable Path mailboxFile() {
        return mailboxFile;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public @Nullable ByteBuf whole() {
        return pieces.size() == 1 ? pieces.get(0).retainedDuplicate() : null;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        long wanted = Math.min(count, length - position);
        if (pieces.isEmpty() || !(target instanceof GatheringByteChannel gathering)) {
            return file.transferTo(offset + position, wanted, target);
        }
        gather(buffers(position, wanted), wanted, gathering);
        return wanted;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (position + target.remaining() > length) {
            throw new IOException("content ends at " + length);
        } else if (!pieces.isEmpty()) {
            for (ByteBuffer part : buffers(position, target.remaining())) {
                target.put(part);
            }
            return;
        }
        // A channel would add a copy through a buffer of eight KiB.
        for (long at = offset + position; target.hasRemaining(); ) {
            int step = file.read(target, at);
            if (step < 0) {
                throw new IOException("file ends at " + at);
            }
            at += step;
        }
    }

    @Override
    public void writeTo(ByteBuffer head, WritableByteChannel target) throws IOException {
        if (pieces.isEmpty() || !(target instanceof GatheringByteChannel gathering)) {
            MessageContent.super.writeTo(head, target);
            return;
        }
        ByteBuffer[] content = buffers(0, length);
        ByteBuffer[] all = new ByteBuffer[content.length + 1];
        all[0] = head;
        System.arraycopy(content, 0, all, 1, content.length);
        gather(all, head.remaining() + length, gathering);
    }

    private static void gather(ByteBuffer[] buffers, long octets, GatheringByteChannel target) throws IOException {
        for (long written = 0; written < octets; ) {
            written += target.write(buffers);
        }
    }

    private ByteBuffer[] buffers(long position, long count) {
        List<ByteBuffer> buffers = new ArrayList<>(pieces.size());
        long skip = position;
        long left = count;
        for (ByteBuf piece : pieces) {
            int octets = piece.readableBytes();
            if (skip >= octets) {
                skip -= octets;
                continue;
            }
            int part = (int) Math.min(octets - skip, left);
            if (part == 0) {
                break;
            }
            // Each reader gets its own view, because several threads may read the same piece.
            buffers.add(piece.nioBuffer(piece.readerIndex() + (int) skip, part));
            skip = 0;
            left -= part;
        }
        return buffers.toArray(new ByteBuffer[0]);
    }

    @Override
    public FileRegion region(long position, long count) {
        holds.incrementAndGet();
        return new SharedRegion(file, offset + position, Math.min(count, length - position), this::release);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }

    private void release() {
        if (holds.decrementAndGet() == 0) {
            try {
                onClose.run();
            } finally {
                pieces.forEach(ByteBuf::release);
            }
        }
    }
}
