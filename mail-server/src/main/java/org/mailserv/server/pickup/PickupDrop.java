package org.mailserv.server.pickup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/** Writes files into the pickup folder, for programs of ours: what is there under its name is whole, and stays after a crash. */
public final class PickupDrop {
    private static final int PIECE = 64 * 1024;

    private PickupDrop() {}

    /**
     * Writes a file from a stream, of any length. Durable when it returns; where it fails, the file may be there all the same, and is whole
     * then. Blocks.
     *
     * @param name of the file; begins with no dot
     * @param content read to its end; not closed
     */
    public static void write(Disk disk, Path folder, String name, InputStream content) throws IOException {
        write(disk, folder, name, file -> {
            byte[] piece = new byte[PIECE];
            for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
                file.append(ByteBuffer.wrap(piece, 0, count));
            }
        });
    }

    /**
     * Writes a file. Durable when it returns; where it fails, the file may be there all the same, and is whole then. Blocks.
     *
     * @param name of the file; begins with no dot
     * @param parts its content, one behind the other
     */
    public static void write(Disk disk, Path folder, String name, byte[]... parts) throws IOException {
        write(disk, folder, name, file -> {
            for (byte[] part : parts) {
                file.append(ByteBuffer.wrap(part));
            }
        });
    }

    /** Writes the content of a file that is open. */
    private interface Filling {
        void fill(DiskFile file) throws IOException;
    }

    private static void write(Disk disk, Path folder, String name, Filling filling) throws IOException {
        // Pickup passes over names with a dot.
        Path temporary = folder.resolve("." + name + ".tmp");
        try {
            try (DiskFile file = disk.create(temporary)) {
                filling.fill(file);
                file.sync();
            }
            disk.rename(temporary, folder.resolve(name));
        } catch (IOException e) {
            try {
                disk.delete(temporary);
            } catch (IOException stray) {
                e.addSuppressed(stray);
            }
            throw e;
        }
        try {
            disk.syncDirectory(folder);
        } catch (AccessDeniedException e) {
            // A folder that one may write and not read: file systems with a log write the name out with its file.
            disk.syncFile(folder.resolve(name));
        }
    }
}
