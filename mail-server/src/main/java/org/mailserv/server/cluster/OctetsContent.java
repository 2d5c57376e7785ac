package org.mailserv.server.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.mailserv.server.spool.MessageContent;

/**
 * Content in memory.
 *
 * @param octets never changed
 */
record OctetsContent(ByteBuffer octets) implements MessageContent {
    @Override
    public long length() {
        return octets.remaining();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        int length = (int) Math.min(count, octets.remaining() - position);
        return target.write(octets.slice((int) (octets.position() + position), length));
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public ByteBuf whole() {
        return Unpooled.wrappedBuffer(octets.duplicate());
    }

    @Override
    public boolean hasRegions() {
        return false;
    }

    @Override
    public FileRegion region(long position, long count) throws IOException {
        throw new IOException("not in a file");
    }
}
