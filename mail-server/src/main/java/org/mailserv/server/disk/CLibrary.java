package org.mailserv.server.disk;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** System functions for files that Java does not offer. 64-bit Linux only; loaded at the first use. */
final class CLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(CLibrary.class);

    /** The functions, with their names in the C library. */
    interface Functions extends Library {
        int statvfs(String path, Pointer result);

        int open(String path, int flags);

        int syncfs(int file);

        int close(int file);

        Pointer strerror(int error);
    }

    private static final class Holder {
        static final @Nullable Functions FUNCTIONS = load();
    }

    private CLibrary() {}

    /** Returns the functions, or null if they are not available. Blocks briefly at the first call. */
    static @Nullable Functions functions() {
        return Holder.FUNCTIONS;
    }

    private static @Nullable Functions load() {
        try {
            return Platform.isLinux() && Platform.is64Bit() ? Native.load("c", Functions.class) : null;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            // The server works without: free inodes are not checked, and syncing is slower.
            LOG.info("event=c-library-missing reason=\"{}\"", Failures.text(e));
            return null;
        }
    }
}
