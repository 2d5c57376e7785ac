package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/** How a program of ours leaves a file in the pickup folder: what is there under its name is whole, and stays after a crash. */
public final class PickupDrop {
    private PickupDrop() {}

    /**
     * Writes a file. Durable when it returns; where it fails, the file may be there all the same, and is whole then. Blocks.
     *
     * @param name of the file; begins with no dot
     * @param parts its content, one behind the other
     */
    public static void write(Disk disk, Path folder, String name, byte[]... parts) throws IOException {
        // Pickup passes over names with a dot.
        Path temporary = folder.resolve("." + name + ".tmp");
        try {
            try (DiskFile file = disk.create(temporary)) {
                for (byte[] part : parts) {
                    file.append(ByteBuffer.wrap(part));
                }
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
