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
 * Drops root privileges irrevocably after the ports below 1024 have been bound. The C library applies the change to
 * all threads of the process. Linux only.
 */
public final class Privileges {
    private static final int UMASK = 0077;
    private static final Path USERS = Path.of("/etc/passwd");
    private static final Path GROUPS = Path.of("/etc/group");

    /** The functions of the C library, under their original names. */
    private interface LibC extends Library {
        int getuid();

        int getgid();

        int umask(int mask);

        int setgroups(NativeLong size, int[] groups);

        int setgid(int gid);

        int setuid(int uid);
    }

    /** A system user and group. */
    public record Identity(String user, int uid, int gid) {}

    private Privileges() {}

    /** Returns whether the process runs as root. */
    public static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    /**
     * Looks up a user in {@code /etc/passwd} and a group in {@code /etc/group}.
     *
     * @param group the group, or null for the user's primary group
     * @throws IOException if the user or group does not exist
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
     * Changes to the user and verifies the change. Blocks for some 100 ms to load the library.
     *
     * @throws IOException if the system rejects the change
     */
    public static void drop(Identity identity) throws IOException {
        LibC system = Native.load("c", LibC.class);
        // Mail must be readable by its owner only, whatever umask the process inherited.
        system.umask(UMASK);
        int[] groups = {identity.gid()};
        if (system.setgroups(new NativeLong(1), groups) != 0
                || system.setgid(identity.gid()) != 0
                || system.setuid(identity.uid()) != 0) {
            throw new IOException("user " + identity.user() + ": the system refuses to change to it");
        }
        // The change must not be reversible.
        if (system.getgid() != identity.gid()
                || system.getuid() != identity.uid()
                || identity.uid() != 0 && system.setuid(0) == 0) {
            throw new IOException("user " + identity.user() + ": the rights of root are still there");
        }
    }
}
