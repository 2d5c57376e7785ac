package org.mailserv.server.pickup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/** Writes files into the pickup folder. A file appears under its name only when it is complete, and is durable. */
public final class PickupDrop {
    private static final int PIECE = 64 * 1024;

    private PickupDrop() {}

    /**
     * Writes a file from a stream of any length. The file is durable when the method returns. If it fails, the complete file may exist all
     * the same. Blocks.
     *
     * @param name the name of the file; must not begin with a dot
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
     * Writes a file. The file is durable when the method returns. If it fails, the complete file may exist all the same. Blocks.
     *
     * @param name the name of the file; must not begin with a dot
     * @param parts the content, in order
     */
    public static void write(Disk disk, Path folder, String name, byte[]... parts) throws IOException {
        write(disk, folder, name, file -> {
            for (byte[] part : parts) {
                file.append(ByteBuffer.wrap(part));
            }
        });
    }

    /** Writes the content of an open file. */
    private interface Filling {
        void fill(DiskFile file) throws IOException;
    }

    private static void write(Disk disk, Path folder, String name, Filling filling) throws IOException {
        // Pickup ignores names that begin with a dot.
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
            // The folder is writable and not readable. File systems with a journal make the name durable with its file.
            disk.syncFile(folder.resolve(name));
        }
    }
}
