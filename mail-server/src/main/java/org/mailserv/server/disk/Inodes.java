package org.mailserv.server.disk;

import com.sun.jna.Memory;
import java.nio.file.Path;

/** The free inodes of a file system, which Java does not expose. Blocks. */
final class Inodes {
    // struct statvfs on 64 bits: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, ... of 8
    // octets each.
    private static final int STRUCTURE = 256;
    private static final int FILES = 5 * 8;
    private static final int FILES_AVAILABLE = 7 * 8;

    private Inodes() {}

    /** Returns the free fraction, from 0 to 1; 1 if it is unknown or the number of files is not limited. */
    static double freeFraction(Path path) {
        CLibrary.Functions library = CLibrary.functions();
        if (library == null) {
            return 1;
        }
        try (Memory result = new Memory(STRUCTURE)) {
            result.clear();
            if (library.statvfs(path.toString(), result) != 0) {
                return 1;
            }
            long files = result.getLong(FILES);
            return files <= 0 ? 1 : (double) result.getLong(FILES_AVAILABLE) / files;
        }
    }
}
