package org.mailserv.server.pickup;

import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.mailserv.server.spool.MessageContent;

/**
 * The beginning of a message in memory, for bounces.
 *
 * @param octets the content, with CRLF line ends
 * @param length number of octets of the whole message, at least those in {@code octets}
 */
record MemoryContent(byte[] octets, long length) implements MessageContent {
    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        int from = (int) Math.min(position, octets.length);
        return target.write(ByteBuffer.wrap(octets, from, (int) Math.min(count, octets.length - from)));
    }

    @Override
    public FileRegion region(long position, long count) {
        throw new UnsupportedOperationException("notices are composed in memory");
    }
}
