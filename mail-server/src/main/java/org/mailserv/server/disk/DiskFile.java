package org.mailserv.server.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;

/** An open file. Written by one thread at a time. */
public interface DiskFile extends Closeable {
    /** Writes all of the buffer behind what is there. */
    void append(ByteBuffer octets) throws IOException;

    /** Writes all of the buffer at a position. */
    void write(ByteBuffer octets, long position) throws IOException;

    /** A view that appends, for contents that write themselves; closing it does nothing. */
    GatheringByteChannel appender();

    /** Makes the content durable, and the size where it has changed. */
    void sync() throws IOException;

    /** For reading, and for regions of it; lives as long as the file is open. */
    FileChannel channel();
}
