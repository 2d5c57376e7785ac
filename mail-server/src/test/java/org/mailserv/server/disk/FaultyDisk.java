package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A real disk whose changes fail when the test says so. Syncs do nothing, because these tests cut no power. */
public final class FaultyDisk extends ForwardingDisk {
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Predicate<String> fails = change -> false;
    private volatile int failing = -1;
    private volatile String reason = "Input/output error";

    /** Returns the number of changes requested so far. */
    public int changes() {
        return changes.get();
    }

    /** Makes the change of this number fail, once. */
    public void failAt(int number, String why) {
        failing = number;
        reason = why;
    }

    /** Makes all changes fail whose text, such as {@code sync /folder/file}, matches, until {@link #heal}. */
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
        // Fails if it does not exist.
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

    private final class FaultyFile extends ForwardingFile {
        private final Path path;

        FaultyFile(DiskFile file, Path path) {
            super(file);
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
        public void sync() throws IOException {
            change("sync", path);
        }
    }
}
