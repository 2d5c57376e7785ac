package org.mailserv.app.sendmail;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A message on standard input that ends at a line with a single dot, as a typed message does. */
public final class DotEndedInput extends InputStream {
    private final InputStream in;
    private boolean atStart = true;
    private boolean ended;

    DotEndedInput(InputStream in) {
        this.in = new BufferedInputStream(in, 64 * 1024);
    }

    @Override
    public int read() throws IOException {
        int octet = ended ? -1 : in.read();
        if (octet == '.' && atStart && isAlone()) {
            octet = -1;
        }
        ended = octet < 0;
        atStart = octet == '\n';
        return octet;
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
        int count = 0;
        while (count < length) {
            int octet = read();
            if (octet < 0) {
                break;
            }
            octets[offset + count++] = (byte) octet;
            if (in.available() == 0) {
                break;
            }
        }
        return count == 0 && length > 0 ? -1 : count;
    }

    private boolean isAlone() throws IOException {
        in.mark(2);
        int next = in.read();
        if (next == '\r') {
            next = in.read();
        }
        if (next == '\n' || next < 0) {
            return true;
        }
        in.reset();
        return false;
    }
}
