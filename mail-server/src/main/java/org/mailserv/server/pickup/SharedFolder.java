package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.QueueId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The permissions of a pickup folder that all users of the host share. Everybody may create files in it, and nobody except its owner may
 * list them, or rename and delete those of others. A new file belongs to the group of the folder, so that the server can read a file that
 * is closed to other users.
 */
public final class SharedFolder {
    /** The pickup folder of a packaged server. It is known without the configuration, which few users may read. */
    public static final Path PACKAGED = Path.of("/var/spool/mailserv");

    private static final Logger LOG = LoggerFactory.getLogger(SharedFolder.class);
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

    /**
     * Creates a folder of the server in a shared folder. Whoever owns the folder of claimed files can exchange them for links, and have
     * any file that the server may read sent to themselves; so one that another user has put there first is moved away.
     *
     * @throws IOException if it cannot be moved away, or comes back
     */
    static void reserve(Disk disk, Path child) throws IOException {
        moveForeignAway(child);
        disk.createDirectories(child);
        if (isForeign(child)) {
            throw new IOException(child + ": belongs to another user");
        }
    }

    /**
     * Moves an entry of a shared folder away if it does not belong to this process's user, or is a link.
     *
     * @throws IOException if it cannot be moved, which the owner of the folder always can
     */
    public static void moveForeignAway(Path entry) throws IOException {
        if (Files.exists(entry, LinkOption.NOFOLLOW_LINKS) && isForeign(entry)) {
            Path aside = entry.resolveSibling("." + entry.getFileName() + "." + QueueId.random());
            Files.move(entry, aside);
            LOG.warn("event=pickup-entry-moved entry={} to={} reason=\"it belongs to another user\"", entry, aside);
        }
    }

    private static boolean isForeign(Path entry) throws IOException {
        return Files.isSymbolicLink(entry) || hasModes(entry) && owner(entry) != ownerOfNewFiles(entry);
    }

    /** Returns the number of this process's user. After a change of users /proc/self still belongs to root. */
    private static int ownerOfNewFiles(Path sibling) throws IOException {
        Path made = Files.createFile(sibling.resolveSibling("." + QueueId.random()));
        try {
            return owner(made);
        } finally {
            Files.delete(made);
        }
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
