package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Finds the end of a body sent by DATA and removes dot-stuffing. Emitted chunks are slices of the input buffer.
 *
 * <p>Only CRLF.CRLF ends a body. A bare CR or bare LF is never part of that sequence. Servers disagree about bare
 * line ends, which lets senders smuggle commands past one of them. An additional CR before the sequence is content:
 * {@code x CR CR LF . CR LF} contains CRLF.CRLF. A server that treated it as content would wait for an end that its
 * client has already sent.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4">RFC 5321, 4.1.1.4</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2">RFC 5321, 4.5.2</a>
 */
final class DataFramer {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long CRS = ONES * '\r';
    private static final long LFS = ONES * '\n';

    private final SmtpServerLimits limits;
    private boolean lineStart;
    private boolean afterCr;
    private long lineLength;
    private long accepted;
    private ContentResult result = ContentResult.OK;

    DataFramer(SmtpServerLimits limits) {
        this.limits = limits;
    }

    void begin() {
        // The CRLF of the DATA line counts, so a body may be empty. RFC 5321, 4.1.1.4.
        lineStart = true;
        afterCr = false;
        lineLength = 0;
        accepted = 0;
        result = ContentResult.OK;
    }

    /**
     * Consumes available input.
     *
     * @return true if the end was found and {@code out} contains the last content
     */
    boolean frame(ByteBuf in, List<Object> out) {
        int base = in.readerIndex();
        ByteBuffer octets = in.nioBuffer(base, in.readableBytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (in.isReadable()) {
            if (lineStart && in.getByte(in.readerIndex()) == '.') {
                if (needsMore(in)) {
                    return false;
                }
                if (isEnd(in)) {
                    in.skipBytes(3);
                    out.add(new LastSmtpContent(Unpooled.EMPTY_BUFFER, result));
                    return true;
                }
                // RFC 5321, 4.5.2: any leading dot is removed, even if no second dot follows.
                in.skipBytes(1);
                lineStart = false;
                continue;
            }
            run(in, octets, base, out);
        }
        return false;
    }

    private static boolean needsMore(ByteBuf in) {
        int readable = in.readableBytes();
        return readable == 1 || readable == 2 && in.getByte(in.readerIndex() + 1) == '\r';
    }

    private static boolean isEnd(ByteBuf in) {
        int start = in.readerIndex();
        return in.readableBytes() >= 3 && in.getByte(start + 1) == '\r' && in.getByte(start + 2) == '\n';
    }

    /** Emits octets up to the next dot at a line start, the next bare LF, or the end of the buffer. */
    private void run(ByteBuf in, ByteBuffer octets, int base, List<Object> out) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int from = start;
        while (from < end) {
            int clean = afterCr ? -1 : cleanEnd(octets, from - base);
            if (clean >= 0) {
                cleanLine(clean + base + 1 - from);
                from = clean + base + 1;
                if (from < end && octets.get(from - base) == '.') {
                    break;
                }
                continue;
            }
            int lf = in.indexOf(from, end, (byte) '\n');
            if (lf < 0) {
                endsInLine(in, from, end);
                from = end;
                break;
            }
            boolean cr = lf > from ? in.getByte(lf - 1) == '\r' : afterCr;
            checkLine(in, from, lf, cr);
            from = lf + 1;
            lineStart = cr;
            afterCr = false;
            if (!cr) {
                bareLf(in, lf, out);
                return;
            }
            if (lineStart && from < end && in.getByte(from) == '.') {
                break;
            }
        }
        emit(in.readRetainedSlice(from - start), out);
    }

    /**
     * Returns the index of the LF of a line that ends in CRLF and contains no other CR or LF. Returns -1 for any
     * other line and for an incomplete one. Most lines are clean; their octets are examined only once, eight at a
     * time.
     */
    private static int cleanEnd(ByteBuffer octets, int from) {
        int end = octets.limit();
        int at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            long word = octets.getLong(at);
            long cr = word ^ CRS;
            long lf = word ^ LFS;
            // The lowest bit set belongs to the first octet that is CR or LF.
            long found = ((cr - ONES & ~cr) | (lf - ONES & ~lf)) & HIGHS;
            if (found != 0) {
                return crlfAt(octets, at + (Long.numberOfTrailingZeros(found) >>> 3));
            }
        }
        for (; at < end; at++) {
            byte octet = octets.get(at);
            if (octet == '\r' || octet == '\n') {
                return crlfAt(octets, at);
            }
        }
        return -1;
    }

    private static int crlfAt(ByteBuffer octets, int at) {
        boolean whole = octets.get(at) == '\r' && at + 1 < octets.limit() && octets.get(at + 1) == '\n';
        return whole ? at + 1 : -1;
    }

    /** @param octets octets of the line, or of its unread rest, including CRLF */
    private void cleanLine(int octets) {
        lineLength += octets;
        if (limits.refuseLongLines() && lineLength > limits.textLine()) {
            note(ContentResult.LINE_TOO_LONG);
        }
        lineLength = 0;
        lineStart = true;
    }

    private void endsInLine(ByteBuf in, int from, int end) {
        lineStart = false;
        lineLength += end - from;
        boolean cr = in.getByte(end - 1) == '\r';
        if (limits.refuseBareLineEnds() && (hasCr(in, from, end - 1) || afterCr && in.getByte(from) != '\n')) {
            note(ContentResult.BARE_CR_OR_LF);
        }
        afterCr = cr;
    }

    private void checkLine(ByteBuf in, int from, int lf, boolean cr) {
        lineLength += lf + 1 - from;
        if (limits.refuseLongLines() && lineLength > limits.textLine()) {
            note(ContentResult.LINE_TOO_LONG);
        }
        lineLength = 0;
        if (limits.refuseBareLineEnds()) {
            boolean openCr = afterCr && lf > from;
            if (!cr || openCr || hasCr(in, from, lf - 1)) {
                note(ContentResult.BARE_CR_OR_LF);
            }
        }
    }

    private static boolean hasCr(ByteBuf in, int from, int to) {
        return to > from && in.indexOf(from, to, (byte) '\r') >= 0;
    }

    /** Replaces a bare LF by CRLF. Other software must not be able to interpret stored line ends differently. */
    private void bareLf(ByteBuf in, int lf, List<Object> out) {
        emit(in.readRetainedSlice(lf - in.readerIndex()), out);
        in.skipBytes(1);
        emit(Unpooled.wrappedBuffer(CRLF), out);
    }

    private void emit(ByteBuf piece, List<Object> out) {
        int octets = piece.readableBytes();
        if (octets == 0 || accepted >= limits.message() + 1) {
            piece.release();
            return;
        }
        accepted += octets;
        if (accepted > limits.message()) {
            note(ContentResult.TOO_BIG);
            accepted = limits.message() + 1;
            piece.release();
            return;
        }
        out.add(new SmtpContent(piece));
    }

    private void note(ContentResult problem) {
        if (result == ContentResult.OK || problem == ContentResult.TOO_BIG) {
            result = problem;
        }
    }
}
