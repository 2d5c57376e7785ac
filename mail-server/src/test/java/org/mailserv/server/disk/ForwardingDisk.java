package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** A disk for tests that passes all reads to a real one and leaves the changes to its subclass. It is never full. */
abstract class ForwardingDisk implements Disk {
    final RealDisk real = new RealDisk();

    @Override
    public final FileChannel openForRead(Path path) throws IOException {
        return real.openForRead(path);
    }

    @Override
    public final List<String> list(Path folder) throws IOException {
        return real.list(folder);
    }

    @Override
    public final boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public final BasicFileAttributes attributes(Path path) throws IOException {
        return real.attributes(path);
    }

    @Override
    public final double freeFraction(Path path) {
        return 1;
    }

    /** A file of such a disk, which is its own appender. */
    abstract static class ForwardingFile implements DiskFile, GatheringByteChannel {
        final DiskFile file;

        ForwardingFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public final GatheringByteChannel appender() {
            return this;
        }

        @Override
        public final long write(ByteBuffer[] octets) throws IOException {
            return write(octets, 0, octets.length);
        }

        @Override
        public final FileChannel channel() {
            return file.channel();
        }

        @Override
        public final boolean isOpen() {
            return file.channel().isOpen();
        }

        @Override
        public final void close() throws IOException {
            file.close();
        }
    }
}
