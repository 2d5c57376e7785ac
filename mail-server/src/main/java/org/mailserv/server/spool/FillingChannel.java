package org.mailserv.server.spool;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Fills a buffer, and accepts only what fits. */
final class FillingChannel implements WritableByteChannel {
    private final ByteBuffer target;

    FillingChannel(ByteBuffer target) {
        this.target = target;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = Math.min(source.remaining(), target.remaining());
        ByteBuffer part = source.slice().limit(count);
        target.put(part);
        source.position(source.position() + count);
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // The buffer belongs to the caller.
    }
}
