package org.mailserv.server.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;

/** An open file. Written by one thread at a time. */
public interface DiskFile extends Closeable {
    /** Appends the remaining octets of the buffer. */
    void append(ByteBuffer octets) throws IOException;

    /** Writes the remaining octets of the buffer at a position. */
    void write(ByteBuffer octets, long position) throws IOException;

    /** Returns a channel that appends. The caller does not close it. */
    GatheringByteChannel appender();

    /** Makes the content and the size durable. */
    void sync() throws IOException;

    /** Returns the channel for reading and for file regions. It is open as long as the file. */
    FileChannel channel();
}
