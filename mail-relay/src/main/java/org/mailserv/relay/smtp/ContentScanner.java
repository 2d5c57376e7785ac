package org.mailserv.relay.smtp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Finds the facts of a message while its octets pass, in pieces of any size. */
final class ContentScanner implements WritableByteChannel {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    // NUL, LF and CR are below it, and little else that is in mail.
    private static final long PLAIN = ONES * ('\r' + 1);

    private boolean eightBit;
    private boolean nul;
    private boolean bareLineEnd;
    private boolean leadingDot;
    private long longest;
    private long line;
    private int last = '\n';
    private boolean started;
    private boolean ended = true;

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        ByteBuffer octets = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int at = octets.position();
        int end = octets.limit();
        while (at < end) {
            // Most octets stand in the middle of a line of ASCII, where nothing can be found: eight at a time.
            int plain = started && last != '\r' && line > 0 ? plain(octets, at, end) : 0;
            if (plain > 0) {
                at += plain;
                line += plain;
                last = octets.get(at - 1);
            } else {
                look(octets.get(at++));
            }
        }
        source.position(end);
        return count;
    }

    /** Octets from here, in eights, among which there is no line end, no NUL, nor an octet over 127. */
    private static int plain(ByteBuffer octets, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long word = octets.getLong(at);
            // The high bit of each octet that is over 127, or less than PLAIN (or stands above one that is: only a
            // closer look).
            if (((word - PLAIN | word) & HIGHS) != 0) {
                break;
            }
            at += Long.BYTES;
        }
        return at - from;
    }

    private void look(byte octet) {
        boolean afterCr = started && last == '\r';
        if (octet == '\n') {
            longest = Math.max(longest, line - (afterCr ? 1 : 0));
            line = 0;
            bareLineEnd |= !afterCr;
            ended = afterCr;
        } else {
            bareLineEnd |= afterCr;
            leadingDot |= line == 0 && octet == '.';
            line++;
            eightBit |= octet < 0;
            nul |= octet == 0;
            ended = false;
        }
        last = octet;
        started = true;
    }

    /** What was found. */
    ContentFacts facts() {
        boolean bare = bareLineEnd || started && last == '\r';
        return new ContentFacts(eightBit, nul, bare, leadingDot, Math.max(longest, line), ended);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
