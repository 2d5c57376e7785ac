package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The permissions of a pickup folder that all users of the host share. Everybody may create files in it, and nobody except its owner may
 * list them, or rename and delete those of others. A new file belongs to the group of the folder, so that the server can read a file that
 * is closed to other users.
 */
public final class SharedFolder {
    /** The pickup folder of a packaged server. It is known without the configuration, which few users may read. */
    public static final Path PACKAGED = Path.of("/var/spool/mailserv");

    private static final int SET_GROUP = 02000;
    private static final int MODE = 03733;
    private static final int MODE_BITS = 07777;

    private SharedFolder() {}

    /**
     * Sets the permissions of a folder of this process's user.
     *
     * @throws IOException if the folder is of another user, or the file system or the service manager does not permit it
     */
    public static void open(Path folder) throws IOException {
        if (hasModes(folder) && mode(folder) != MODE) {
            Files.setAttribute(folder, "unix:mode", MODE);
        }
    }

    /** Returns whether files of a folder belong to its group. */
    public static boolean givesGroup(@Nullable Path folder) throws IOException {
        return folder != null && hasModes(folder) && (mode(folder) & SET_GROUP) != 0;
    }

    /** Returns the number of the user to whom a file belongs, or -1 if the file system does not tell. */
    static int owner(Path file) throws IOException {
        return hasModes(file) ? (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS) : -1;
    }

    private static boolean hasModes(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    private static int mode(Path folder) throws IOException {
        return (int) Files.getAttribute(folder, "unix:mode") & MODE_BITS;
    }
}
