package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A real disk whose changes fail when the test says so: all that would change something asks first. Syncs do nothing: no power is cut
 * here.
 */
public final class FaultyDisk implements Disk {
    private final RealDisk real = new RealDisk();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Predicate<String> fails = change -> false;
    private volatile int failing = -1;
    private volatile String reason = "Input/output error";

    /** Changes that were asked for. */
    public int changes() {
        return changes.get();
    }

    /** Lets the change of this number fail, once. */
    public void failAt(int number, String why) {
        failing = number;
        reason = why;
    }

    /** Lets all changes fail whose text, such as {@code sync /folder/file}, is one of these, until {@link #heal}. */
    public void fail(Predicate<String> changesThatFail) {
        fails = changesThatFail;
    }

    public void heal() {
        fails = change -> false;
        failing = -1;
    }

    private void change(String kind, Path path) throws IOException {
        if (changes.getAndIncrement() == failing || fails.test(kind + " " + path)) {
            throw new IOException(reason + ": " + kind + " " + path);
        }
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        change("create", path);
        return new FaultyFile(real.create(path), path);
    }

    @Override
    public DiskFile openForWrite(Path path) throws IOException {
        change("open", path);
        return new FaultyFile(real.openForWrite(path), path);
    }

    @Override
    public FileChannel openForRead(Path path) throws IOException {
        return real.openForRead(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        change("rename", to);
        real.rename(from, to);
    }

    @Override
    public void link(Path existing, Path link) throws IOException {
        change("link", link);
        real.link(existing, link);
    }

    @Override
    public boolean delete(Path path) throws IOException {
        if (real.exists(path)) {
            change("delete", path);
        }
        return real.delete(path);
    }

    @Override
    public boolean createDirectories(Path folder) throws IOException {
        if (!real.exists(folder)) {
            change("mkdir", folder);
        }
        return real.createDirectories(folder);
    }

    @Override
    public void syncDirectory(Path folder) throws IOException {
        change("syncdir", folder);
        // Fails where it is not there.
        real.attributes(folder);
    }

    @Override
    public boolean syncFile(Path path) throws IOException {
        boolean there = real.exists(path);
        if (there) {
            change("sync", path);
        }
        return there;
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return real.list(folder);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public BasicFileAttributes attributes(Path path) throws IOException {
        return real.attributes(path);
    }

    @Override
    public double freeFraction(Path path) {
        return 1;
    }

    private final class FaultyFile implements DiskFile, GatheringByteChannel {
        private final DiskFile file;
        private final Path path;

        FaultyFile(DiskFile file, Path path) {
            this.file = file;
            this.path = path;
        }

        @Override
        public void append(ByteBuffer octets) throws IOException {
            change("write", path);
            file.append(octets);
        }

        @Override
        public void write(ByteBuffer octets, long position) throws IOException {
            change("write", path);
            file.write(octets, position);
        }

        @Override
        public int write(ByteBuffer octets) throws IOException {
            change("write", path);
            return file.appender().write(octets);
        }

        @Override
        public long write(ByteBuffer[] octets, int offset, int length) throws IOException {
            change("write", path);
            return file.appender().write(octets, offset, length);
        }

        @Override
        public long write(ByteBuffer[] octets) throws IOException {
            return write(octets, 0, octets.length);
        }

        @Override
        public GatheringByteChannel appender() {
            return this;
        }

        @Override
        public void sync() throws IOException {
            change("sync", path);
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public boolean isOpen() {
            return file.channel().isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
