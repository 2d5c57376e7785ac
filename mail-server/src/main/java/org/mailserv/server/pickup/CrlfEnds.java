package org.mailserv.server.pickup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Makes every line end of a file a CRLF, however its program writes them. */
final class CrlfEnds {
    private boolean afterCr;
    private boolean atStart = true;

    /** The same octets with CRLF for each bare LF. */
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

    /** What the last line lacks. */
    ByteBuf end() {
        return atStart ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(new byte[] {'\r', '\n'});
    }
}
