package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The reasons for which this process cannot use a file, with the folder on the way to it that is closed. */
public final class PathAccess {
    private static final int MAX_LINKS = 20;

    private PathAccess() {}

    /** Returns why a file cannot be read, or null if it can. Blocks. */
    public static @Nullable String readProblem(Path file) {
        String way = wayProblem(file.toAbsolutePath(), MAX_LINKS);
        if (way != null) {
            return file + ": " + way;
        } else if (Files.isDirectory(file)) {
            return file + ": is a folder (expected: a file)";
        }
        return Files.isReadable(file) ? null : file + ": permission denied, " + user() + " may not read it";
    }

    /** Returns why a folder cannot be written or, if it is missing, created; null if it can. Blocks. */
    public static @Nullable String folderProblem(Path folder) {
        Path existing = folder.toAbsolutePath();
        while (existing.getParent() != null && !Files.exists(existing)) {
            String closed = closedParent(existing);
            if (closed != null) {
                return folder + ": " + closed;
            }
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            return folder + ": " + existing + " is no folder";
        } else if (Files.isWritable(existing) && Files.isExecutable(existing)) {
            return null;
        }
        return folder + ": "
                + (existing.equals(folder.toAbsolutePath()) ? "" : "does not exist, and " + existing + " ")
                + "cannot be written by " + user() + " (expected: a folder of this user)";
    }

    /** Returns what is wrong on the way to a file and with its existence. */
    private static @Nullable String wayProblem(Path file, int links) {
        Path root = file.getRoot();
        Path at = root == null ? Path.of("") : root;
        for (int i = 0; i < file.getNameCount(); i++) {
            at = at.resolve(file.getName(i));
            String closed = closedParent(at);
            if (closed != null) {
                return closed;
            } else if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                return (at.equals(file) ? "" : at + ": ") + "no such file or folder";
            } else if (Files.isSymbolicLink(at) && links > 0) {
                return behindLink(at, file, links - 1);
            }
        }
        return null;
    }

    private static @Nullable String behindLink(Path link, Path file, int links) {
        try {
            Path target = link.resolveSibling(Files.readSymbolicLink(link));
            return wayProblem(target.resolve(link.relativize(file)).normalize(), links);
        } catch (IOException e) {
            return "permission denied, " + user() + " may not read the link " + link;
        }
    }

    private static @Nullable String closedParent(Path path) {
        Path parent = path.getParent();
        return parent == null || !Files.isDirectory(parent) || Files.isExecutable(parent)
                ? null
                : "permission denied, " + user() + " may not enter " + parent;
    }

    /** Root may have become another user since the start, which Java does not see. */
    private static String user() {
        try {
            return "user " + Files.getOwner(Path.of("/proc/self")).getName();
        } catch (IOException | UnsupportedOperationException e) {
            return "user " + System.getProperty("user.name");
        }
    }
}
