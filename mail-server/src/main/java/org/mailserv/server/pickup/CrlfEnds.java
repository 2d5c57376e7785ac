package org.mailserv.server.pickup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Converts the line ends of a file to CRLF. */
final class CrlfEnds {
    private boolean afterCr;
    private boolean atStart = true;

    /** Returns the octets with CRLF for each bare LF. The caller releases the buffer. */
    ByteBuf convert(byte[] octets, int count) {
        ByteBuf converted = Unpooled.buffer(count + count / 32 + 16);
        for (int i = 0; i < count; i++) {
            byte octet = octets[i];
            if (octet == '\n' && !afterCr) {
                converted.writeByte('\r');
            }
            converted.writeByte(octet);
            afterCr = octet == '\r';
            atStart = octet == '\n';
        }
        return converted;
    }

    /** Returns the CRLF that an incomplete last line lacks, or an empty buffer. */
    ByteBuf end() {
        return atStart ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(new byte[] {'\r', '\n'});
    }
}
