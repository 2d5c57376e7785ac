package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Inserts a dot before every line that begins with one, across any number of chunks. It works on slices and does not
 * copy octets.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
final class ByteStuffer {
    private static final byte[] DOT = {'.'};
    private static final byte[] CRLF_END = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

    private boolean lineStart = true;
    private boolean afterCrLf = true;
    private boolean afterCr;

    /**
     * Stuffs a chunk.
     *
     * @param piece the chunk; this method takes ownership
     * @param out receives the slices and owns them
     */
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
        // Only a dot after a line end needs stuffing. Searching for dots is faster than searching for line ends.
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

    /** Records that octets bypassed this object and ended within a line. */
    void withinLine() {
        lineStart = false;
        afterCrLf = false;
        afterCr = false;
    }

    /**
     * Ends the content and returns the terminating line, preceded by CRLF if the content does not end with one.
     * Afterwards this object is ready for the next content.
     */
    ByteBuf end() {
        // Also required after a bare LF: a client that recognizes only CRLF would wait forever.
        int present = afterCrLf ? 2 : afterCr ? 1 : 0;
        lineStart = true;
        afterCrLf = true;
        afterCr = false;
        return Unpooled.wrappedBuffer(CRLF_END, present, CRLF_END.length - present);
    }
}
