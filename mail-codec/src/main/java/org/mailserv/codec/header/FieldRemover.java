package org.mailserv.codec.header;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Removes fields of some names, with all their lines, from the header of a message as it passes, cut anywhere. The body passes untouched.
 * Holds back the beginning of one line at most. Used by one thread at a time.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-2.2">RFC 5322, 2.2</a>
 */
public final class FieldRemover {
    /** Octets of a line that are looked at for its name: more than a name with blanks behind it has. */
    private static final int MAX_NAME = 200;

    private final Set<String> names;
    private final ByteBuf held = Unpooled.buffer(32);
    private State state = State.NAME;
    private boolean removing;
    private boolean inBody;

    private enum State {
        /** At the beginning of a line, or in what may become a name. */
        NAME,
        /** In a line that passes. */
        PASS,
        /** In a line that goes. */
        DROP
    }

    /** @param names in lower case */
    public FieldRemover(Set<String> names) {
        this.names = Set.copyOf(names);
    }

    /**
     * Takes the next piece.
     *
     * @param piece its ownership goes over
     * @return what may go on, maybe nothing; the caller's to release
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

    /** Ends the message. Returns what was held back; the caller's to release. */
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
            // The line before goes on.
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
