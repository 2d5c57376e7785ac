package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A text file that people and programs edit, such as the users file. A change replaces the file atomically and keeps its owner and
 * permissions. Programs take turns by a lock on {@code .FILE.lock}. A change that a person saved meanwhile is not lost: the own change is
 * applied again to the new content. A symbolic link stays one. Thread-safe; all methods block.
 */
public final class EditedFile {
    private static final int ATTEMPTS = 20;
    /** Java refuses a second lock on a file within one process, so threads take turns before that. */
    private static final Object IN_THIS_PROCESS = new Object();

    private final Path path;
    private final Disk disk;

    public EditedFile(Path path, Disk disk) {
        this.path = path.toAbsolutePath();
        this.disk = disk;
    }

    /** A change of the lines of a file. */
    public interface Change {
        /**
         * Changes the lines in place. May be called again with newer lines.
         *
         * @return false if the file stays as it is
         */
        boolean apply(List<String> lines);
    }

    /** Returns the lines; none if the file does not exist. */
    public List<String> lines() throws IOException {
        try {
            return TextFile.lines(path);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /**
     * Applies a change. Durable on return.
     *
     * @return false if the change left the file as it was
     */
    public boolean edit(Change change) throws IOException {
        Path target = Files.exists(path) ? path.toRealPath() : path;
        Path folder = target.getParent();
        if (folder != null) {
            disk.createDirectories(folder);
        }
        synchronized (IN_THIS_PROCESS) {
            try (FileChannel lock = FileChannel.open(
                    target.resolveSibling("." + target.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE)) {
                lock.lock();
                for (int i = 0; i < ATTEMPTS; i++) {
                    Version before = Version.of(target);
                    List<String> lines = new ArrayList<>(lines());
                    if (!change.apply(lines)) {
                        return false;
                    } else if (replace(target, lines, before)) {
                        return true;
                    }
                }
            }
        }
        throw new IOException(target + " changes all the time; try again");
    }

    /** Replaces the file unless somebody else changed it since {@code before}. Returns whether it was replaced. */
    private boolean replace(Path target, List<String> lines, @Nullable Version before) throws IOException {
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        byte[] content = (lines.isEmpty() ? "" : String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        disk.delete(temporary);
        try {
            try (DiskFile file = disk.create(temporary)) {
                file.append(ByteBuffer.wrap(content));
                file.sync();
            }
            if (before != null) {
                keepOwner(target, temporary);
            }
            if (Objects.equals(before, Version.of(target))) {
                disk.rename(temporary, target);
            } else {
                disk.delete(temporary);
                return false;
            }
        } catch (IOException e) {
            try {
                disk.delete(temporary);
            } catch (IOException stray) {
                e.addSuppressed(stray);
            }
            throw e;
        }
        Path folder = target.getParent();
        if (folder != null) {
            disk.syncDirectory(folder);
        }
        return true;
    }

    /** Copies owner, group and permissions of the old file to the new one, as far as this process may. */
    private static void keepOwner(Path from, Path to) throws IOException {
        if (!to.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        PosixFileAttributes old = Files.readAttributes(from, PosixFileAttributes.class);
        PosixFileAttributes made = Files.readAttributes(to, PosixFileAttributes.class);
        boolean kept = true;
        if (!old.group().equals(made.group())) {
            kept = set(to, "posix:group", old.group());
        }
        if (!old.owner().equals(made.owner())) {
            set(to, "posix:owner", old.owner());
        }
        // Permissions of a group that could not be kept would let another group in.
        if (kept) {
            Files.setPosixFilePermissions(to, old.permissions());
        }
    }

    /** Only root may give files away. Whoever else edits the file becomes its owner. */
    private static boolean set(Path file, String attribute, Object value) {
        try {
            Files.setAttribute(file, attribute, value, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The state of the file that shows whether somebody else wrote it. */
    private record Version(
            long modified, long size, @Nullable Object key) {
        static @Nullable Version of(Path file) throws IOException {
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Version(
                        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                        attributes.size(),
                        attributes.fileKey());
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }
}
