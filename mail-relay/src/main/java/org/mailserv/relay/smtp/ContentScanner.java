package org.mailserv.relay.smtp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** A streaming scanner that determines the {@link ContentFacts} of a message. */
final class ContentScanner implements WritableByteChannel {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    // NUL, LF and CR are below this bound, and little else in mail.
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
            // Skip plain ASCII within a line, eight octets at a time.
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

    /** Returns the number of octets from here, a multiple of eight, without a line end, a NUL or an octet above 127. */
    private static int plain(ByteBuffer octets, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long word = octets.getLong(at);
            // Detects an octet above 127 or below PLAIN. A borrow may cause false positives, which are examined singly.
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

    /** Returns the facts about the octets seen so far. */
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
        // No resources to release.
    }
}
