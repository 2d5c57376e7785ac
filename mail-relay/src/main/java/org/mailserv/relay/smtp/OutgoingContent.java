package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.mime.SevenBitConverter;
import org.mailserv.server.spool.MessageContent;

/** A message's content with its facts, in memory where it is small. Closed once, by the delivery that has it. */
public final class OutgoingContent implements AutoCloseable {
    /** Up to this many octets a message is read once, into memory. */
    public static final int SMALL = 64 * 1024;

    private static final int PIECE = 256 * 1024;

    private final MessageContent content;
    private final ContentFacts facts;
    private final @Nullable ByteBuf whole;
    private final long length;
    private final boolean converted;
    private boolean closed;

    private OutgoingContent(
            MessageContent content, ContentFacts facts, @Nullable ByteBuf whole, long length, boolean converted) {
        this.content = content;
        this.facts = facts;
        this.whole = whole;
        this.length = length;
        this.converted = converted;
    }

    /** No octets at all. */
    static OutgoingContent empty() {
        return new OutgoingContent(
                NoContent.INSTANCE,
                new ContentFacts(false, false, false, false, 0, true),
                Unpooled.EMPTY_BUFFER,
                0,
                false);
    }

    /** The message where it is small and in memory already, else null. Does not block. The content must stay open as long as this. */
    public static @Nullable OutgoingContent inMemory(MessageContent content) {
        ByteBuf whole = content.length() > SMALL ? null : content.whole();
        if (whole == null) {
            return null;
        }
        try {
            ContentScanner scanner = new ContentScanner();
            scanner.write(whole.nioBuffer());
            return new OutgoingContent(content, scanner.facts(), whole, content.length(), false);
        } catch (RuntimeException e) {
            whole.release();
            throw e;
        }
    }

    /** Reads a message through. Blocks: never on an event loop. The content must stay open as long as this. */
    public static OutgoingContent load(MessageContent content, ByteBufAllocator allocator) throws IOException {
        ContentScanner scanner = new ContentScanner();
        if (content.length() > SMALL) {
            scan(content, scanner, allocator);
            return new OutgoingContent(content, scanner.facts(), null, content.length(), false);
        }
        ByteBuf whole = read(content, 0, (int) content.length(), allocator);
        scanner.write(whole.nioBuffer());
        return new OutgoingContent(content, scanner.facts(), whole, content.length(), false);
    }

    private static void scan(MessageContent content, ContentScanner scanner, ByteBufAllocator allocator)
            throws IOException {
        ByteBuf buffer = allocator.ioBuffer(PIECE, PIECE);
        try {
            for (long position = 0; position < content.length(); ) {
                ByteBuffer piece = buffer.nioBuffer(0, (int) Math.min(PIECE, content.length() - position));
                content.read(position, piece);
                position += piece.position();
                scanner.write(piece.flip());
            }
        } finally {
            buffer.release();
        }
    }

    /**
     * The same message with 7 bits and short lines. Blocks. The original stays open as long as this; this one has to be closed for itself.
     *
     * @return null when a signature in it would not survive
     */
    public @Nullable OutgoingContent sevenBit(ByteBufAllocator allocator) throws IOException {
        SevenBitConverter converter = new SevenBitConverter();
        ContentScanner scanner = new ContentScanner();
        ByteBuf small = whole;
        if (small != null) {
            ByteBuf out = allocator.ioBuffer(small.readableBytes() * 3 / 2 + 256);
            converter.feed(small, out);
            converter.end(out);
            scanner.write(out.nioBuffer());
            if (converter.isSealed()) {
                out.release();
                return null;
            }
            return new OutgoingContent(content, scanner.facts(), out, out.readableBytes(), true);
        }
        // Once for the size and the verdict, so that nothing has to be taken back later; then again while it is sent.
        long octets = 0;
        long position = 0;
        while (position <= content.length()) {
            int count = (int) Math.min(SMALL, content.length() - position);
            ByteBuf out = allocator.ioBuffer(SMALL * 3 / 2);
            ByteBuf piece = read(content, position, count, allocator);
            try {
                converter.feed(piece, out);
                position += count;
                if (count == 0) {
                    converter.end(out);
                    position++;
                }
                octets += out.readableBytes();
                scanner.write(out.nioBuffer());
            } finally {
                piece.release();
                out.release();
            }
        }
        return converter.isSealed() ? null : new OutgoingContent(content, scanner.facts(), null, octets, true);
    }

    /** Whether the octets have to be made while they are sent. */
    boolean isConvertedOnTheWay() {
        return converted && whole == null;
    }

    /**
     * Whether the octets of the message, in memory or in its file, are those of the wire.
     *
     * @param data by DATA, which needs its dots doubled and its lines ended; else by BDAT
     */
    boolean isInWireForm(boolean data) {
        return !isConvertedOnTheWay() && (!data || facts.passesData());
    }

    /** Whether this is a message made fit for 7 bits. */
    boolean isConverted() {
        return converted;
    }

    /** Reads a part into a buffer, which the caller releases. Blocks. */
    static ByteBuf read(MessageContent content, long position, int count, ByteBufAllocator allocator)
            throws IOException {
        ByteBuf buffer = allocator.ioBuffer(count, count);
        try {
            content.read(position, buffer.nioBuffer(0, count));
            return buffer.writerIndex(count);
        } catch (IOException | RuntimeException e) {
            buffer.release();
            throw e;
        }
    }

    public MessageContent content() {
        return content;
    }

    public ContentFacts facts() {
        return facts;
    }

    /** Octets as they go out. */
    public long length() {
        return length;
    }

    /** The whole content, retained for the caller, or null where it is not in memory. */
    @Nullable
    ByteBuf retainedWhole() {
        return whole == null || closed ? null : whole.retainedDuplicate();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (whole != null) {
                whole.release();
            }
        }
    }

    private enum NoContent implements MessageContent {
        INSTANCE;

        @Override
        public long length() {
            return 0;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            return 0;
        }

        @Override
        public FileRegion region(long position, long count) throws IOException {
            throw new IOException("no content, no region");
        }
    }
}
