package org.mailserv.server.check.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Holds back the header of a message, so that it can be changed when the message is complete. A header above the limit passes unchanged.
 * Confined to one thread.
 */
final class HeldHeader {
    /** Maximum number of octets held back. */
    static final int MAX = 64 << 10;

    private final ByteArrayOutputStream held = new ByteArrayOutputStream(2048);
    private boolean over;
    private boolean tooLarge;
    private boolean lineEmpty = true;

    /**
     * Filters a piece.
     *
     * @param piece the input; ownership passes to this object
     * @return the output: the blank line and what follows; the caller releases it
     */
    ByteBuf pass(ByteBuf piece) {
        if (over) {
            return piece;
        }
        int end = piece.readerIndex();
        while (end < piece.writerIndex() && !over) {
            byte octet = piece.getByte(end++);
            held.write(octet);
            if (octet == '\n') {
                over = lineEmpty;
                lineEmpty = true;
            } else if (octet != '\r') {
                lineEmpty = false;
            }
        }
        piece.readerIndex(end);
        if (!over && held.size() <= MAX) {
            piece.release();
            return Unpooled.EMPTY_BUFFER;
        }
        byte[] octets = held.toByteArray();
        if (held.size() > MAX) {
            tooLarge = true;
            over = true;
            return Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(octets), piece);
        }
        int blank = octets.length > 1 && octets[octets.length - 2] == '\r' ? 2 : 1;
        held.reset();
        held.write(octets, 0, octets.length - blank);
        return Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(octets, octets.length - blank, blank), piece);
    }

    /** Returns whether the body has begun. */
    boolean isOver() {
        return over;
    }

    /** Returns the header without the blank line, one char per octet, or null if it was too large and has passed. */
    @Nullable
    String text() {
        return tooLarge ? null : held.toString(StandardCharsets.ISO_8859_1);
    }
}
