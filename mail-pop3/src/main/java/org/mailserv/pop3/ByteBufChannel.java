package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes into a buffer, as far as it has room. */
final class ByteBufChannel implements WritableByteChannel {
    private final ByteBuf target;

    ByteBufChannel(ByteBuf target) {
        this.target = target;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = Math.min(source.remaining(), target.maxCapacity() - target.writerIndex());
        ByteBuffer part = source.slice().limit(count);
        target.writeBytes(part);
        source.position(source.position() + count);
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is open: the buffer belongs to who made it.
    }
}
