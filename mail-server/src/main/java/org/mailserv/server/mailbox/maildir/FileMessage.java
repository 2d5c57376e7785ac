package org.mailserv.server.mailbox.maildir;

import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailserv.server.disk.QuietClose;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.spool.MessageContent;

/** A message whose file is sent as it is. Netty may still be writing regions of it after it was closed. */
final class FileMessage implements MaildropMessage, MessageContent {
    private final FileChannel channel;
    private final long length;
    private final AtomicInteger holds = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    FileMessage(FileChannel channel, long length) {
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
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        return channel.transferTo(position, count, target);
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        for (long at = position; target.hasRemaining(); ) {
            int step = channel.read(target, at);
            if (step < 0) {
                throw new IOException("message ends at " + at + " of " + length);
            }
            at += step;
        }
    }

    @Override
    public FileRegion region(long position, long count) {
        holds.incrementAndGet();
        return new DefaultFileRegion(channel, position, count) {
            @Override
            protected void deallocate() {
                letGo();
            }
        };
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            letGo();
        }
    }

    // Not named "release", which inside a region would be the region's own method.
    private void letGo() {
        if (holds.decrementAndGet() == 0) {
            QuietClose.close(channel);
        }
    }
}
