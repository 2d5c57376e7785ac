package org.mailserv.server.disk;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many files a file system still has room for; Java does not tell. Linux on 64 bits only. Blocks. */
final class Inodes {
    private static final Logger LOG = LoggerFactory.getLogger(Inodes.class);
    // struct statvfs there: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, ... of 8 octets
    // each.
    private static final int STRUCTURE = 256;
    private static final int FILES = 5 * 8;
    private static final int FILES_AVAILABLE = 7 * 8;

    private final @Nullable LibC system;

    /** The function of the C library; its name is not ours. */
    private interface LibC extends Library {
        int statvfs(String path, Pointer result);
    }

    Inodes() {
        LibC loaded = null;
        try {
            loaded = Platform.isLinux() && Platform.is64Bit() ? Native.load("c", LibC.class) : null;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            // Space alone is looked at then: better than no mail.
            LOG.info("event=inodes-unknown reason=\"{}\"", e.getMessage());
        }
        system = loaded;
    }

    /** From 0 to 1; 1 where it is not known, or where the file system has no bound on files. */
    double freeFraction(Path path) {
        LibC library = system;
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
