package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;

/** Finds where TOP ends: the header, the blank line, and so many lines of the body. RFC 1939, 7. */
final class TopScanner {
    /** Octets to read at a time: most headers fit, and no more is read than is sent. */
    static final int PIECE = 8 * 1024;

    private long linesLeft;
    private final boolean all;
    private boolean inBody;
    private boolean lineEmpty = true;

    /** @param bodyLines lines of the body, -1 for the whole message */
    TopScanner(int bodyLines) {
        this.linesLeft = bodyLines;
        this.all = bodyLines < 0;
    }

    boolean isAll() {
        return all;
    }

    /** Cuts the piece behind the last line that is wanted; true when that was in this piece. */
    boolean cut(ByteBuf piece) {
        if (all) {
            return false;
        }
        for (int i = piece.readerIndex(); i < piece.writerIndex(); i++) {
            byte octet = piece.getByte(i);
            if (octet == '\n') {
                boolean blank = lineEmpty;
                lineEmpty = true;
                if (!inBody) {
                    inBody = blank;
                } else {
                    linesLeft--;
                }
                if (inBody && linesLeft == 0) {
                    piece.writerIndex(i + 1);
                    return true;
                }
            } else if (octet != '\r') {
                lineEmpty = false;
            }
        }
        return false;
    }
}
