package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Every operation on files that mail depends on. A seam: a test puts a disk behind it that forgets what was not synced. All methods
 * block; never on an event loop. Files are made for the owner alone.
 */
public interface Disk {
    /** Makes a file that was not there and opens it for writing and reading. */
    DiskFile create(Path path) throws IOException;

    /** Opens a file that is there for writing and reading. */
    DiskFile openForWrite(Path path) throws IOException;

    /** Opens a file for reading; the caller closes the channel. */
    FileChannel openForRead(Path path) throws IOException;

    /** Atomic replace. */
    void rename(Path from, Path to) throws IOException;

    /** A second name for the same file. */
    void link(Path existing, Path link) throws IOException;

    /** False when it was not there. */
    boolean delete(Path path) throws IOException;

    /** With all parents; true when the folder was not there. */
    boolean createDirectories(Path folder) throws IOException;

    /** Makes the names in a folder durable. */
    void syncDirectory(Path folder) throws IOException;

    /** Makes the content of a closed file durable; false when it is not there. */
    boolean syncFile(Path path) throws IOException;

    /**
     * Writes what the folder's file system holds back, in one go, where the system can, and where so many files of it are to be synced now
     * that it pays. Makes nothing durable by itself.
     */
    default void flush(Path folder, int files) {}

    /** Names in a folder, as {@link FileNames} says them, in no order; empty when it is not there. */
    List<String> list(Path folder) throws IOException;

    boolean exists(Path path);

    BasicFileAttributes attributes(Path path) throws IOException;

    /** The part of the file system that is free for us, 0 to 1. */
    double freeFraction(Path path) throws IOException;

    /**
     * Writes a whole small file atomically and durably: a temporary file beside it, synced, renamed, its folder synced. Where that
     * fails, the file is the old one, or the new one.
     */
    default void replace(Path path, byte[] content) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        delete(temporary);
        try {
            try (DiskFile file = create(temporary)) {
                file.append(ByteBuffer.wrap(content));
                file.sync();
            }
            rename(temporary, path);
        } catch (IOException e) {
            try {
                delete(temporary);
            } catch (IOException stray) {
                e.addSuppressed(stray);
            }
            throw e;
        }
        Path folder = path.getParent();
        if (folder != null) {
            syncDirectory(folder);
        }
    }
}
