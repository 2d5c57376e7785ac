package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.mailserv.server.mailbox.Maildrop;

/** The scan listing of LIST or the unique-id listing of UIDL, without messages marked as deleted. RFC 1939, 5 and 7. */
final class Listing implements Pop3Body.Lines {
    private final Maildrop maildrop;
    private final BitSet deleted;
    private final boolean uids;
    private int index;

    Listing(Maildrop maildrop, BitSet deleted, boolean uids) {
        this.maildrop = maildrop;
        // Copied, because a pipelined DELE must not change a listing that is still being written.
        this.deleted = (BitSet) deleted.clone();
        this.uids = uids;
    }

    @Override
    public boolean next(ByteBuf out) {
        index = deleted.nextClearBit(index);
        if (index >= maildrop.size()) {
            return false;
        }
        writeNumber(out, index + 1);
        out.writeByte(' ');
        if (uids) {
            out.writeCharSequence(maildrop.uid(index), StandardCharsets.US_ASCII);
        } else {
            writeNumber(out, maildrop.octets(index));
        }
        out.writeByte('\r').writeByte('\n');
        index++;
        return true;
    }

    /**
     * Writes decimal digits without creating a string per line, since a maildrop can have a hundred thousand
     * messages.
     */
    private static void writeNumber(ByteBuf out, long number) {
        long divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.writeByte('0' + (int) (number / divisor % 10));
        }
    }
}
