package org.mailserv.server.mailbox.maildir;

import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.spool.MessageContent;

/** A small message, read completely when it is opened, so that an event loop may send it. */
final class InMemoryMessage implements MaildropMessage, MessageContent {
    /** Octets of the largest message that is read into memory. */
    static final int MAX_LENGTH = 64 << 10;

    private final byte[] octets;

    private InMemoryMessage(byte[] octets) {
        this.octets = octets;
    }

    /** Reads a file from its beginning. Blocks; closes the channel. */
    static InMemoryMessage read(FileChannel file, int length) throws IOException {
        try (file) {
            ByteBuffer octets = ByteBuffer.allocate(length);
            while (octets.hasRemaining() && file.read(octets, octets.position()) >= 0) {
                continue;
            }
            if (octets.hasRemaining()) {
                throw new IOException("message ends at " + octets.position() + " of " + length);
            }
            return new InMemoryMessage(octets.array());
        }
    }

    /** Reads a message from its beginning. Blocks; closes it. */
    static InMemoryMessage of(CrlfMessage message) throws IOException {
        try (message) {
            ByteBuffer octets = ByteBuffer.allocate((int) message.length());
            message.read(0, octets);
            return new InMemoryMessage(octets.array());
        }
    }

    @Override
    public MessageContent content() {
        return this;
    }

    @Override
    public long length() {
        return octets.length;
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        int length = (int) Math.min(count, octets.length - position);
        return target.write(ByteBuffer.wrap(octets, (int) position, length));
    }

    @Override
    public FileRegion region(long position, long count) throws IOException {
        throw new IOException("not in a file");
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
