package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;

/** Finds the end of a TOP response: the header, the blank line and the requested number of body lines. RFC 1939, 7. */
final class TopScanner {
    /** Octets to read at a time. Most headers fit, and little is read that is not sent. */
    static final int PIECE = 8 * 1024;

    private long linesLeft;
    private final boolean all;
    private boolean inBody;
    private boolean lineEmpty = true;

    /** @param bodyLines number of body lines, -1 for the whole message */
    TopScanner(int bodyLines) {
        this.linesLeft = bodyLines;
        this.all = bodyLines < 0;
    }

    boolean isAll() {
        return all;
    }

    /**
     * Truncates the chunk after the last requested line.
     *
     * @return true if the last requested line ended in this chunk
     */
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
