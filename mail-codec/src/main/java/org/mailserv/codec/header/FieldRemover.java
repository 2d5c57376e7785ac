package org.mailserv.codec.header;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Removes fields with given names, including continuation lines, from the header of a message that arrives in
 * arbitrary chunks. The body passes unchanged. Holds back at most the beginning of one line. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-2.2">RFC 5322, 2.2</a>
 */
public final class FieldRemover {
    /** Maximum octets of a line to search for the field name, including blanks after it. */
    private static final int MAX_NAME = 200;

    private final Set<String> names;
    private final ByteBuf held = Unpooled.buffer(32);
    private State state = State.NAME;
    private boolean removing;
    private boolean inBody;

    private enum State {
        /** At the beginning of a line, or within a possible field name. */
        NAME,
        /** In a line that is kept. */
        PASS,
        /** In a line that is removed. */
        DROP
    }

    /** @param names field names in lower case */
    public FieldRemover(Set<String> names) {
        this.names = Set.copyOf(names);
    }

    /**
     * Filters the next chunk.
     *
     * @param piece the chunk; this method takes ownership
     * @return the octets to pass on, possibly none; the caller releases the buffer
     */
    public ByteBuf pass(ByteBuf piece) {
        if (inBody) {
            return piece;
        }
        ByteBuf out = Unpooled.buffer(piece.readableBytes() + held.readableBytes());
        while (piece.isReadable() && !inBody) {
            take(piece.readByte(), out);
        }
        out.writeBytes(piece);
        piece.release();
        return out;
    }

    /**
     * Ends the message.
     *
     * @return the octets that were held back; the caller releases the buffer
     */
    public ByteBuf finish() {
        ByteBuf rest = held.copy();
        held.clear();
        inBody = true;
        return rest;
    }

    private void take(byte octet, ByteBuf out) {
        switch (state) {
            case NAME -> name(octet, out);
            case PASS -> out.writeByte(octet);
            case DROP -> {}
        }
        if (octet == '\n') {
            state = State.NAME;
        }
    }

    private void name(byte octet, ByteBuf out) {
        boolean first = !held.isReadable();
        held.writeByte(octet);
        if (first && (octet == ' ' || octet == '\t')) {
            // The previous line continues.
            decide(removing, out);
        } else if (octet == ':') {
            removing = names.contains(heldName());
            decide(removing, out);
        } else if (octet == '\n') {
            inBody = held.readableBytes() == 1 || held.readableBytes() == 2 && held.getByte(0) == '\r';
            removing = false;
            decide(false, out);
        } else if (held.readableBytes() > MAX_NAME) {
            removing = false;
            decide(false, out);
        }
    }

    private String heldName() {
        return held.toString(0, held.readableBytes() - 1, StandardCharsets.ISO_8859_1)
                .stripTrailing()
                .toLowerCase(Locale.ROOT);
    }

    private void decide(boolean drop, ByteBuf out) {
        if (!drop) {
            out.writeBytes(held, 0, held.readableBytes());
        }
        held.clear();
        state = drop ? State.DROP : State.PASS;
    }
}
