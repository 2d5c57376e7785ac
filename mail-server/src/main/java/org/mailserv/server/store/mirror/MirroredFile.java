package org.mailserv.server.store.mirror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.EditedFile;
import org.mailserv.server.disk.TextFile;

/**
 * A file of this machine that is the same on all nodes. All methods block.
 *
 * @param name its name in the shared store
 * @param path its place on this machine
 * @param kind selects the way in which changes are merged
 */
record MirroredFile(String name, Path path, Kind kind) {
    /** Kinds of files. */
    enum Kind {
        /** Lines that people and programs edit. The file is never deleted: if it is missing, it is written again. */
        LINES,
        /** Octets that are replaced or deleted as a whole. */
        OCTETS
    }

    /** Returns the content, or null if there is no file. Lines end in LF, whatever the file has. */
    byte @Nullable [] read() throws IOException {
        try {
            return kind == Kind.LINES ? octets(TextFile.lines(path)) : Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Replaces the content, if the file still has the one that was read. Durable on return.
     *
     * @param read the content that was read, null for no file
     * @param next the new content, null to delete the file
     * @return false if the file has changed meanwhile
     */
    boolean replace(byte @Nullable [] read, byte @Nullable [] next, Disk disk) throws IOException {
        if (kind == Kind.LINES) {
            return new EditedFile(path, disk).edit(lines -> {
                boolean same = lines.equals(lines(read));
                if (same) {
                    lines.clear();
                    lines.addAll(lines(next));
                }
                return same;
            });
        } else if (!Arrays.equals(read, read())) {
            return false;
        } else if (next == null) {
            disk.delete(path);
            return true;
        }
        Path folder = path.getParent();
        if (folder != null) {
            disk.createDirectories(folder);
        }
        disk.replace(path, next);
        return true;
    }

    /** Returns the content after both changes, and the keys of local changes that were dropped. */
    Merged merge(byte @Nullable [] base, byte @Nullable [] local, byte @Nullable [] shared) {
        if (kind == Kind.OCTETS) {
            return new Merged(shared, List.of(name));
        }
        LineMerge merged = LineMerge.of(lines(base), lines(local), lines(shared));
        return new Merged(octets(merged.lines()), merged.conflicts());
    }

    /** A merged content, with the names of local changes that were dropped. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Merged(byte @Nullable [] content, List<String> conflicts) {}

    static List<String> lines(byte @Nullable [] content) {
        return content == null || content.length == 0
                ? List.of()
                : new String(content, StandardCharsets.UTF_8).lines().toList();
    }

    private static byte[] octets(List<String> lines) {
        return (lines.isEmpty() ? "" : String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
