package org.mailserv.server.mailbox.maildir;

import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.mailserv.server.disk.QuietClose;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.spool.MessageContent;

/**
 * A file of another program as POP3 has to send it: bare LF line ends become CRLF, and a missing one is added at the end. Meant to be read
 * from beginning to end.
 */
final class CrlfMessage implements MaildropMessage, MessageContent {
    private static final int PIECE = 32 * 1024;
    private static final byte[] NOTHING = {};
    private static final byte[] LF = {'\n'};
    private static final byte[] CRLF = {'\r', '\n'};

    private final FileChannel channel;
    private final long length;
    private final ByteBuffer converted = ByteBuffer.allocate(2 * PIECE).limit(0);
    private final ByteBuffer raw = ByteBuffer.allocate(PIECE);
    private byte previous;
    private long position;
    private boolean atEnd;

    CrlfMessage(FileChannel channel, long length) {
        this.channel = channel;
        this.length = length;
    }

    @Override
    public MessageContent content() {
        return this;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public synchronized long transferTo(long from, long count, WritableByteChannel target) throws IOException {
        if (from < position) {
            rewind();
        }
        skipTo(from);
        long written = 0;
        while (written < count && fill()) {
            ByteBuffer part = converted.slice().limit((int) Math.min(converted.remaining(), count - written));
            int step = target.write(part);
            converted.position(converted.position() + step);
            position += step;
            written += step;
            if (step == 0) {
                break;
            }
        }
        return written;
    }

    private void rewind() throws IOException {
        channel.position(0);
        converted.limit(0);
        previous = 0;
        position = 0;
        atEnd = false;
    }

    private void skipTo(long target) throws IOException {
        while (position < target && fill()) {
            int step = (int) Math.min(converted.remaining(), target - position);
            converted.position(converted.position() + step);
            position += step;
        }
    }

    /** Returns whether there are converted octets left. */
    private boolean fill() throws IOException {
        if (converted.hasRemaining()) {
            return true;
        }
        if (atEnd) {
            return false;
        }
        if (channel.read(raw.clear()) < 0) {
            atEnd = true;
            return fillEnd();
        }
        raw.flip();
        converted.clear();
        while (raw.hasRemaining()) {
            byte octet = raw.get();
            if (octet == '\n' && previous != '\r') {
                converted.put((byte) '\r');
            }
            converted.put(octet);
            previous = octet;
        }
        converted.flip();
        return converted.hasRemaining();
    }

    /** Adds the last line end if the file has none. */
    private boolean fillEnd() {
        byte[] missing = missingEnd(previous, position > 0);
        converted.clear().put(missing).flip();
        return missing.length > 0;
    }

    /**
     * Returns the octets to add at the end of a converted file.
     *
     * @param last the last octet of the file
     * @param any false if the file is empty
     */
    static byte[] missingEnd(byte last, boolean any) {
        return last == '\n' || !any ? NOTHING : last == '\r' ? LF : CRLF;
    }

    @Override
    public FileRegion region(long from, long count) throws IOException {
        throw new IOException("a converted message has no region");
    }

    @Override
    public void close() {
        QuietClose.close(channel);
    }
}
