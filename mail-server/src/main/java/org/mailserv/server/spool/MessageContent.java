package org.mailserv.server.spool;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/** The octets of a message, in memory or in a file: header and body with CRLF line ends as received, without dot-stuffing. */
public interface MessageContent {
    /** Returns the length in octets. */
    long length();

    /**
     * Writes a part of the content. Blocks, so never on an event loop. Any thread may call it while the message is open.
     *
     * @return the octets written; less than {@code count} only if the target accepted less
     */
    long transferTo(long position, long count, WritableByteChannel target) throws IOException;

    /**
     * Writes a head, followed by the whole content. Blocks, so never on an event loop.
     *
     * @param head written together with the content in one call if both are in memory
     * @throws IOException also if the content ends early
     */
    default void writeTo(ByteBuffer head, WritableByteChannel target) throws IOException {
        while (head.hasRemaining()) {
            target.write(head);
        }
        long length = length();
        for (long done = 0; done < length; ) {
            long step = transferTo(done, length - done, target);
            if (step <= 0) {
                throw new IOException("content ends at " + done + " of " + length);
            }
            done += step;
        }
    }

    /**
     * Reads as much of the content as the target has room for. Blocks, so never on an event loop. Any thread may call it while the message
     * is open.
     *
     * @throws IOException also if the content ends before the target is full
     */
    default void read(long position, ByteBuffer target) throws IOException {
        WritableByteChannel filling = new FillingChannel(target);
        for (long at = position; target.hasRemaining(); ) {
            long step = transferTo(at, target.remaining(), filling);
            if (step <= 0) {
                throw new IOException("content ends at " + at + " of " + length());
            }
            at += step;
        }
    }

    /** Returns whether {@link #transferTo} does not block, because the octets are in memory. */
    default boolean isInMemory() {
        return false;
    }

    /** Returns all octets, retained for the caller, if they are in memory in one piece; otherwise null. Does not block. */
    default @Nullable ByteBuf whole() {
        return null;
    }

    /** Returns whether {@link #region} can be used: the content is in a file of this machine. */
    default boolean hasRegions() {
        return true;
    }

    /**
     * Returns a part as a region that Netty can send without a copy. The region keeps the content open until it is released by the caller,
     * or by the write that takes it.
     */
    FileRegion region(long position, long count) throws IOException;
}
