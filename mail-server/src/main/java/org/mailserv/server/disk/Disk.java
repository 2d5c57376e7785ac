package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * The file operations that mail depends on. Tests implement it with a disk that forgets what was not synced. All methods block: they are
 * never called on an event loop. New files are accessible to their owner only.
 */
public interface Disk {
    /**
     * Creates a file and opens it for writing and reading.
     *
     * @throws java.nio.file.FileAlreadyExistsException when there is one
     */
    DiskFile create(Path path) throws IOException;

    /** Opens an existing file for writing and reading. */
    DiskFile openForWrite(Path path) throws IOException;

    /** Opens a file for reading; the caller closes the channel. */
    FileChannel openForRead(Path path) throws IOException;

    /** Renames a file atomically, replacing one that has the new name. */
    void rename(Path from, Path to) throws IOException;

    /** Adds a second name to a file. */
    void link(Path existing, Path link) throws IOException;

    /** Deletes a file; returns false if it did not exist. */
    boolean delete(Path path) throws IOException;

    /** Creates a folder with its parents; returns false if it existed. */
    boolean createDirectories(Path folder) throws IOException;

    /** Makes the names in a folder durable. */
    void syncDirectory(Path folder) throws IOException;

    /** Makes the content of a closed file durable; returns false if the file does not exist. */
    boolean syncFile(Path path) throws IOException;

    /**
     * Asks the system to write everything that the folder's file system holds back, if that is worthwhile. Only speeds up the syncs that
     * follow, and makes nothing durable by itself.
     *
     * @param files the number of files to be synced next
     */
    default void flush(Path folder, int files) {}

    /** Returns the names in a folder in the form of {@link FileNames}, in no order; an empty list if there is no folder. */
    List<String> list(Path folder) throws IOException;

    boolean exists(Path path);

    BasicFileAttributes attributes(Path path) throws IOException;

    /** Returns the free fraction of the file system, from 0 to 1: of its space or of its inodes, whichever is less. */
    double freeFraction(Path path) throws IOException;

    /**
     * Writes a small file atomically and durably, through a temporary file in the same folder. After a failure the file has its old content
     * or its new content.
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
