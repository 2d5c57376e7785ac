package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/**
 * Puts a dot before every line that begins with one, over any number of pieces, and makes a bare LF, which DATA must not carry,
 * CRLF. Works on slices: octets are not copied.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2">RFC 5321, 4.5.2</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8">RFC 5321, 2.3.8</a>
 */
final class DotStuffer {
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] CRLF_DOT_CRLF = {'\r', '\n', '.', '\r', '\n'};

    private boolean lineStart = true;
    private boolean afterCr;

    /** Begins the next body. */
    void begin() {
        lineStart = true;
        afterCr = false;
    }

    /** Takes the piece over and gives it on in parts, each owned by the taker. */
    void stuff(ByteBuf piece, Consumer<ByteBuf> out) {
        int start = piece.readerIndex();
        int end = piece.writerIndex();
        if (start == end) {
            piece.release();
            return;
        }
        if (lineStart && piece.getByte(start) == '.') {
            out.accept(Unpooled.wrappedBuffer(DOT));
        }
        int from = start;
        int lf = piece.indexOf(start, end, (byte) '\n');
        while (lf >= 0) {
            boolean cr = lf > start ? piece.getByte(lf - 1) == '\r' : afterCr;
            int next = lf + 1;
            if (!cr) {
                part(piece, from, lf, out);
                out.accept(Unpooled.wrappedBuffer(CRLF));
                from = next;
            }
            if (next < end && piece.getByte(next) == '.') {
                part(piece, from, next, out);
                out.accept(Unpooled.wrappedBuffer(DOT));
                from = next;
            }
            lf = next < end ? piece.indexOf(next, end, (byte) '\n') : -1;
        }
        byte last = piece.getByte(end - 1);
        lineStart = last == '\n';
        afterCr = last == '\r';
        part(piece, from, end, out);
        piece.release();
    }

    private static void part(ByteBuf piece, int from, int to, Consumer<ByteBuf> out) {
        if (to > from) {
            out.accept(piece.retainedSlice(from, to - from));
        }
    }

    /** The end of the body: a CRLF where the body lacks its last one, a dot, CRLF. */
    ByteBuf end() {
        int present = lineStart ? 2 : afterCr ? 1 : 0;
        return Unpooled.wrappedBuffer(CRLF_DOT_CRLF, present, CRLF_DOT_CRLF.length - present);
    }
}
