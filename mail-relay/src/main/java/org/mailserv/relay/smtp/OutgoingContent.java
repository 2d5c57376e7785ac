package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.mime.SevenBitConverter;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.spool.MessageContent;

/** The content of an outgoing message with its facts. Small content is kept in memory. Closed once, by its owner. */
public final class OutgoingContent implements AutoCloseable {
    /** The maximum size in octets of a message that is kept in memory. */
    public static final int SMALL = 64 * 1024;

    private static final int PIECE = 256 * 1024;

    private final MessageContent content;
    private final ContentFacts facts;
    private final @Nullable ByteBuf whole;
    private final long length;
    private final @Nullable Recipe recipe;
    private boolean closed;

    /** The parameters that reproduce a converted message from the original content. */
    private record Recipe(SevenBitConverter.Options options, String signatures, boolean breaksSignature) {
        ContentConverter converter() {
            return new ContentConverter(options, signatures);
        }
    }

    private OutgoingContent(
            MessageContent content, ContentFacts facts, @Nullable ByteBuf whole, long length, @Nullable Recipe recipe) {
        this.content = content;
        this.facts = facts;
        this.whole = whole;
        this.length = length;
        this.recipe = recipe;
    }

    /** Returns empty content. */
    static OutgoingContent empty() {
        return new OutgoingContent(
                NoContent.INSTANCE,
                new ContentFacts(false, false, false, false, 0, true),
                Unpooled.EMPTY_BUFFER,
                0,
                null);
    }

    /** Returns the message if it is small and already in memory, else null. Does not block. The content must stay open as long as the result. */
    public static @Nullable OutgoingContent inMemory(MessageContent content) {
        ByteBuf whole = content.length() > SMALL ? null : content.whole();
        if (whole == null) {
            return null;
        }
        try {
            ContentScanner scanner = new ContentScanner();
            scanner.write(whole.nioBuffer());
            return new OutgoingContent(content, scanner.facts(), whole, content.length(), null);
        } catch (RuntimeException e) {
            whole.release();
            throw e;
        }
    }

    /** Reads a message. Blocks, so do not call it on an event loop. The content must stay open as long as the result. */
    public static OutgoingContent load(MessageContent content, ByteBufAllocator allocator) throws IOException {
        ContentScanner scanner = new ContentScanner();
        if (content.length() > SMALL) {
            scan(content, scanner, allocator);
            return new OutgoingContent(content, scanner.facts(), null, content.length(), null);
        }
        ByteBuf whole = read(content, 0, (int) content.length(), allocator);
        scanner.write(whole.nioBuffer());
        return new OutgoingContent(content, scanner.facts(), whole, content.length(), null);
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
     * Converts the message to 7-bit form with short lines and CRLF line ends. This server's signatures are renewed. Blocks. The original
     * must stay open as long as the result, which the caller closes separately.
     *
     * @return null if the message has another signature that must stay valid
     */
    public @Nullable OutgoingContent converted(ByteBufAllocator allocator, Conversion conversion) throws IOException {
        DkimSigner signer = conversion.signer();
        Set<HeaderField> own = signer == null ? Set.of() : ownSignatures(signer.begin(), allocator);
        SevenBitConverter.Options options = new SevenBitConverter.Options(
                own::contains, facts.eightBit(), conversion.signed() == ConvertSigned.ALL);
        // The first pass determines the size, the signatures and whether conversion is allowed. The second one sends.
        ContentConverter converter = new ContentConverter(options, "");
        ContentScanner scanner = new ContentScanner();
        DkimSigner.Scan signing = signer == null || own.isEmpty() ? null : signer.begin();
        long[] octets = new long[1];
        convert(converter, allocator, out -> {
            octets[0] += out.readableBytes();
            scanner.write(out.nioBuffer());
            if (signing != null) {
                signing.feed(out);
            }
        });
        if (converter.isSealed() || converter.isSigned() && conversion.signed() == ConvertSigned.NONE) {
            return null;
        }
        Recipe recipe =
                new Recipe(options, signing == null ? "" : signing.sign("").fields(), converter.isSigned());
        long made = octets[0] + recipe.signatures().length();
        if (whole == null) {
            return new OutgoingContent(content, scanner.facts(), null, made, recipe);
        }
        ByteBuf out = allocator.ioBuffer((int) made);
        convert(recipe.converter(), allocator, out::writeBytes);
        return new OutgoingContent(content, scanner.facts(), out, made, recipe);
    }

    private Set<HeaderField> ownSignatures(DkimSigner.Scan scan, ByteBufAllocator allocator) throws IOException {
        pieces(allocator, scan::feed);
        return Set.copyOf(scan.ownSignatures());
    }

    private void convert(ContentConverter converter, ByteBufAllocator allocator, Consumer<ByteBuf> to)
            throws IOException {
        ByteBuf out = allocator.ioBuffer(SMALL * 3 / 2);
        try {
            pieces(allocator, piece -> {
                converter.feed(piece, out.clear());
                to.accept(out);
            });
            converter.end(out.clear());
            to.accept(out);
        } finally {
            out.release();
        }
    }

    /** Passes all octets to a consumer in pieces, which this method owns and releases. */
    private void pieces(ByteBufAllocator allocator, Consumer<ByteBuf> to) throws IOException {
        if (whole != null) {
            to.accept(whole.duplicate());
            return;
        }
        for (long position = 0; position < content.length(); ) {
            int count = (int) Math.min(SMALL, content.length() - position);
            ByteBuf piece = read(content, position, count, allocator);
            try {
                to.accept(piece);
            } finally {
                piece.release();
            }
            position += count;
        }
    }

    /** Returns whether the content is converted while it is sent. */
    boolean isConvertedOnTheWay() {
        return recipe != null && whole == null;
    }

    /** Returns a converter if the content is converted while it is sent, else null. */
    @Nullable
    ContentConverter newConverter() {
        return recipe == null || whole != null ? null : recipe.converter();
    }

    /** Returns whether conversion invalidated third-party DKIM signatures. */
    public boolean breaksSignature() {
        return recipe != null && recipe.breaksSignature();
    }

    /**
     * Returns whether the octets, in memory or in the file, can be sent unchanged.
     *
     * @param data whether DATA is used, which requires dot-stuffing and complete lines; else BDAT
     */
    boolean isInWireForm(boolean data) {
        return !isConvertedOnTheWay() && (!data || facts.passesData());
    }

    /** Returns whether this content was converted to 7-bit form. */
    boolean isConverted() {
        return recipe != null;
    }

    /** Reads a range into a buffer, which the caller releases. Blocks. */
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

    /** Returns the number of octets to send, before dot-stuffing. */
    public long length() {
        return length;
    }

    /** Returns the whole content, which the caller releases, or null if it is not in memory. */
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
            throw new IOException("empty content has no region");
        }
    }
}
