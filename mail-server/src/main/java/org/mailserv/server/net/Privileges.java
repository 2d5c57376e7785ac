package org.mailserv.server.net;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.TextFile;

/**
 * Gives up the rights of root, for good, once the ports below 1024 are bound. The C library changes all threads of the process. Linux
 * only.
 */
public final class Privileges {
    private static final int UMASK = 0077;
    private static final Path USERS = Path.of("/etc/passwd");
    private static final Path GROUPS = Path.of("/etc/group");

    /** The functions of the C library; their names are not ours. */
    private interface LibC extends Library {
        int getuid();

        int getgid();

        int umask(int mask);

        int setgroups(NativeLong size, int[] groups);

        int setgid(int gid);

        int setuid(int uid);
    }

    /** A user as the system knows it. */
    public record Identity(String user, int uid, int gid) {}

    private Privileges() {}

    /** Whether the process runs as root. */
    public static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    /**
     * Looks a user up in {@code /etc/passwd}, and a group in {@code /etc/group}.
     *
     * @param group null for the user's own
     * @throws IOException when there is none of that name
     */
    public static Identity find(String user, @Nullable String group) throws IOException {
        String[] entry = entry(USERS, user);
        if (entry == null || entry.length < 4) {
            throw new IOException("user " + user + ": no such user (`useradd --system " + user + "` makes one)");
        }
        int gid = Integer.parseInt(entry[3]);
        if (group != null) {
            String[] groupEntry = entry(GROUPS, group);
            if (groupEntry == null || groupEntry.length < 3) {
                throw new IOException("group " + group + ": no such group");
            }
            gid = Integer.parseInt(groupEntry[2]);
        }
        return new Identity(user, Integer.parseInt(entry[2]), gid);
    }

    private static String @Nullable [] entry(Path file, String name) throws IOException {
        for (String line : TextFile.lines(file)) {
            if (line.startsWith(name + ":")) {
                return line.split(":");
            }
        }
        return null;
    }

    /**
     * Becomes the user, and makes sure of it. Blocks for some 100 ms, for loading.
     *
     * @throws IOException when the system refuses
     */
    public static void drop(Identity identity) throws IOException {
        LibC system = Native.load("c", LibC.class);
        // Mail is its owner's business, whatever the shell that started us has.
        system.umask(UMASK);
        int[] groups = {identity.gid()};
        if (system.setgroups(new NativeLong(1), groups) != 0
                || system.setgid(identity.gid()) != 0
                || system.setuid(identity.uid()) != 0) {
            throw new IOException("user " + identity.user() + ": the system refuses to change to it");
        }
        // A change that could be undone would be none.
        if (system.getgid() != identity.gid()
                || system.getuid() != identity.uid()
                || identity.uid() != 0 && system.setuid(0) == 0) {
            throw new IOException("user " + identity.user() + ": the rights of root are still there");
        }
    }
}
