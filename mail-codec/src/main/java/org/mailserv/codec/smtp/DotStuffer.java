package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import java.util.function.Consumer;

/**
 * Inserts a dot before every line that begins with one, across any number of chunks. It replaces a bare CR or LF,
 * which DATA must not contain, by CRLF. It works on slices and does not copy octets.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2">RFC 5321, 4.5.2</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8">RFC 5321, 2.3.8</a>
 */
final class DotStuffer {
    private static final byte[] DOT = {'.'};
    private static final byte[] LF = {'\n'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] CRLF_DOT_CRLF = {'\r', '\n', '.', '\r', '\n'};

    private boolean lineStart = true;
    private boolean afterCr;

    /** Begins the next body. */
    void begin() {
        lineStart = true;
        afterCr = false;
    }

    /**
     * Stuffs a chunk.
     *
     * @param piece the chunk; this method takes ownership
     * @param out receives the slices and owns them
     */
    void stuff(ByteBuf piece, Consumer<ByteBuf> out) {
        int start = piece.readerIndex();
        int end = piece.writerIndex();
        int from = start;
        int at = start;
        while (at < end) {
            byte octet = piece.getByte(at);
            if (afterCr && octet != '\n') {
                // Some servers treat a bare CR as a line end, and a dot after it as the end of the body.
                part(piece, from, at, out);
                out.accept(Unpooled.wrappedBuffer(LF));
                from = at;
                lineStart = true;
            } else if (octet == '\n' && !afterCr) {
                part(piece, from, at, out);
                out.accept(Unpooled.wrappedBuffer(CRLF));
                from = at + 1;
            }
            if (lineStart && octet == '.') {
                part(piece, from, at, out);
                out.accept(Unpooled.wrappedBuffer(DOT));
                from = at;
            }
            lineStart = octet == '\n';
            afterCr = octet == '\r';
            at++;
            if (!lineStart && !afterCr) {
                int lineEnd = piece.forEachByte(at, end - at, ByteProcessor.FIND_CRLF);
                at = lineEnd < 0 ? end : lineEnd;
            }
        }
        part(piece, from, end, out);
        piece.release();
    }

    private static void part(ByteBuf piece, int from, int to, Consumer<ByteBuf> out) {
        if (to > from) {
            out.accept(piece.retainedSlice(from, to - from));
        }
    }

    /** Ends the body and returns its terminator: a CRLF if the last one is missing, a dot, and CRLF. */
    ByteBuf end() {
        int present = lineStart ? 2 : afterCr ? 1 : 0;
        return Unpooled.wrappedBuffer(CRLF_DOT_CRLF, present, CRLF_DOT_CRLF.length - present);
    }
}
