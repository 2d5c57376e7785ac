package org.mailserv.relay.smtp;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Finds the facts of a message while its octets pass. */
final class ContentScanner implements WritableByteChannel {
    private boolean eightBit;
    private boolean nul;
    private boolean bareLineEnd;
    private long longest;
    private long line;
    private int last = '\n';
    private boolean started;
    private boolean ended = true;

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        while (source.hasRemaining()) {
            look(source.get());
        }
        return count;
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
            line++;
            eightBit |= octet < 0;
            nul |= octet == 0;
            ended = false;
        }
        last = octet;
        started = true;
    }

    /** What was found. */
    ContentFacts facts() {
        return new ContentFacts(eightBit, nul, bareLineEnd || started && last == '\r', Math.max(longest, line), ended);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
