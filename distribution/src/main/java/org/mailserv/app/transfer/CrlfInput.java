package org.mailserv.app.transfer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A message whose line ends become CRLF while it is read, and whose last line is ended. */
final class CrlfInput extends FilterInputStream {
    private int previous = -1;
    private int pending = -1;
    private boolean ended;

    /** @param message closed with this stream; should be buffered */
    CrlfInput(InputStream message) {
        super(message);
    }

    @Override
    public int read() throws IOException {
        if (pending >= 0) {
            int octet = pending;
            pending = -1;
            previous = octet;
            return octet;
        }
        int octet = ended ? -1 : in.read();
        if (octet == '\n' && previous != '\r') {
            pending = '\n';
            previous = '\r';
            return '\r';
        } else if (octet < 0 && !ended) {
            ended = true;
            return end();
        }
        previous = octet;
        return octet;
    }

    /** Returns the first octet of the line end that is missing, or -1. */
    private int end() {
        if (previous < 0 || previous == '\n') {
            return -1;
        } else if (previous == '\r') {
            previous = '\n';
            return '\n';
        }
        pending = '\n';
        previous = '\r';
        return '\r';
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
        int done = 0;
        while (done < count) {
            int octet = read();
            if (octet < 0) {
                return done == 0 && count > 0 ? -1 : done;
            }
            target[from + done++] = (byte) octet;
        }
        return done;
    }
}
