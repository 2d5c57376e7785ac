package org.mailserv.server.smtp;

import io.netty.buffer.ByteBuf;

/** Looks for a CR or LF that stands alone, in content that passes in pieces. RFC 5321, 2.3.8. */
final class BareLineEnds {
    private boolean found;
    private boolean afterCr;

    /** Looks at a piece, which stays the caller's. */
    void look(ByteBuf piece) {
        if (!found) {
            piece.forEachByte(octet -> {
                found |= afterCr != (octet == '\n');
                afterCr = octet == '\r';
                return !found;
            });
        }
    }

    /** Returns whether there was one, with the content at its end. */
    boolean found() {
        return found || afterCr;
    }
}
