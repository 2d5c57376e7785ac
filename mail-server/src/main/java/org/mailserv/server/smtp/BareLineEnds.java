package org.mailserv.server.smtp;

import io.netty.buffer.ByteBuf;

/** Detects a bare CR or LF in content that arrives in pieces. RFC 5321, 2.3.8. */
final class BareLineEnds {
    private boolean found;
    private boolean afterCr;

    /** Examines a piece. The caller keeps its ownership. */
    void look(ByteBuf piece) {
        if (!found) {
            piece.forEachByte(octet -> {
                found |= afterCr != (octet == '\n');
                afterCr = octet == '\r';
                return !found;
            });
        }
    }

    /** Returns whether the content had a bare CR or LF. Valid after the last piece. */
    boolean found() {
        return found || afterCr;
    }
}
