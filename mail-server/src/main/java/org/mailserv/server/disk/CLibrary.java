package org.mailserv.server.disk;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Functions of the system for files that Java does not offer. Linux on 64 bits only; loaded when first asked for. */
final class CLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(CLibrary.class);

    /** Functions of the C library; their names are not ours. */
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

    /** Null where it cannot be had. Blocks a moment the first time. */
    static @Nullable Functions functions() {
        return Holder.FUNCTIONS;
    }

    private static @Nullable Functions load() {
        try {
            return Platform.isLinux() && Platform.is64Bit() ? Native.load("c", Functions.class) : null;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            // Room for inodes is not looked at then, and syncing is slower: better than no mail.
            LOG.info("event=c-library-missing reason=\"{}\"", e.getMessage());
            return null;
        }
    }
}
