package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Puts a dot before every line that begins with one, over any number of pieces. Works on slices: octets are not copied.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
final class ByteStuffer {
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF_END = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

    private boolean lineStart = true;
    private boolean afterCrLf = true;
    private boolean afterCr;

    /** Takes the piece over and gives it on in parts, each owned by the taker. */
    void stuff(ByteBuf piece, Consumer<ByteBuf> out) {
        if (!piece.isReadable()) {
            piece.release();
            return;
        }
        if (lineStart && piece.getByte(piece.readerIndex()) == '.') {
            out.accept(Unpooled.wrappedBuffer(DOT));
        }
        int end = piece.writerIndex();
        int from = piece.readerIndex();
        // Only a dot behind a line end has to be stuffed, and dots are rarer at line starts than line ends are.
        int dot = piece.indexOf(from + 1, end, (byte) '.');
        while (dot >= 0) {
            if (piece.getByte(dot - 1) == '\n') {
                out.accept(piece.retainedSlice(from, dot - from));
                out.accept(Unpooled.wrappedBuffer(DOT));
                from = dot;
            }
            dot = dot + 1 < end ? piece.indexOf(dot + 1, end, (byte) '.') : -1;
        }
        byte last = piece.getByte(end - 1);
        lineStart = last == '\n';
        afterCrLf = lineStart && (end - 2 >= piece.readerIndex() ? piece.getByte(end - 2) == '\r' : afterCr);
        afterCr = last == '\r';
        piece.readerIndex(from);
        out.accept(piece);
    }

    /** Octets that went another way left the content within a line. */
    void withinLine() {
        lineStart = false;
        afterCrLf = false;
        afterCr = false;
    }

    /** Ends the content: the terminating line, after a CRLF where the content has none. Ready for the next content then. */
    ByteBuf end() {
        // Behind a bare LF too: a client that knows lines by CRLF would wait for ever.
        int present = afterCrLf ? 2 : afterCr ? 1 : 0;
        lineStart = true;
        afterCrLf = true;
        afterCr = false;
        return Unpooled.wrappedBuffer(CRLF_END, present, CRLF_END.length - present);
    }
}
