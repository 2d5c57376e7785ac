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

/** A message's content with its facts, in memory where it is small. Closed once, by the delivery that has it. */
public final class OutgoingContent implements AutoCloseable {
    /** Up to this many octets a message is read once, into memory. */
    public static final int SMALL = 64 * 1024;

    private static final int PIECE = 256 * 1024;

    private final MessageContent content;
    private final ContentFacts facts;
    private final @Nullable ByteBuf whole;
    private final long length;
    private final @Nullable Recipe recipe;
    private boolean closed;

    /** How the octets of a converted message are made from those of its content. */
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

    /** No octets at all. */
    static OutgoingContent empty() {
        return new OutgoingContent(
                NoContent.INSTANCE,
                new ContentFacts(false, false, false, false, 0, true),
                Unpooled.EMPTY_BUFFER,
                0,
                null);
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
            return new OutgoingContent(content, scanner.facts(), whole, content.length(), null);
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
     * Makes the same message with 7 bits, short lines and whole line ends. Signatures of this server are replaced by new ones. Blocks. The
     * original stays open as long as the result, which has to be closed for itself.
     *
     * @return null when the message has another signature that must not become wrong
     */
    public @Nullable OutgoingContent converted(ByteBufAllocator allocator, Conversion conversion) throws IOException {
        DkimSigner signer = conversion.signer();
        Set<HeaderField> own = signer == null ? Set.of() : ownSignatures(signer.begin(), allocator);
        SevenBitConverter.Options options = new SevenBitConverter.Options(
                own::contains, facts.eightBit(), conversion.signed() == ConvertSigned.ALL);
        // Once for the size, the verdict and the signature, so that nothing has to be taken back later; then again
        // while it is sent.
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

    /** Gives all octets in pieces, which stay this method's. */
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

    /** Whether the octets have to be made while they are sent. */
    boolean isConvertedOnTheWay() {
        return recipe != null && whole == null;
    }

    /** Returns a converter for a message that is made while it is sent, else null. */
    @Nullable
    ContentConverter newConverter() {
        return recipe == null || whole != null ? null : recipe.converter();
    }

    /** Returns whether DKIM signatures of others are wrong now. */
    public boolean breaksSignature() {
        return recipe != null && recipe.breaksSignature();
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
        return recipe != null;
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
