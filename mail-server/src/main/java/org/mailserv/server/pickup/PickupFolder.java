package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pickup folder on disk, with its folders of claimed and of refused files. Confined to the pickup thread. */
final class PickupFolder {
    private static final Logger LOG = LoggerFactory.getLogger(PickupFolder.class);

    private final Disk disk;
    private final Path folder;
    private final Path claimed;
    private final Path refused;
    private final SettledFiles settledFiles;

    /** Creates the folders where they do not exist. Blocks. */
    PickupFolder(Disk disk, Path folder, boolean shared, SettledFiles settledFiles) throws IOException {
        this.disk = disk;
        this.folder = folder;
        this.claimed = folder.resolve("claimed");
        this.refused = folder.resolve("refused");
        this.settledFiles = settledFiles;
        // The folders are durable before they contain files. Otherwise a crash could lose a file with its folder.
        Path parent = folder.toAbsolutePath().getParent();
        if (disk.createDirectories(folder) && parent != null) {
            disk.syncDirectory(parent);
        }
        if (shared) {
            share();
            SharedFolder.reserve(disk, claimed);
            SharedFolder.reserve(disk, refused);
        } else {
            disk.createDirectories(claimed);
            disk.createDirectories(refused);
        }
        disk.syncDirectory(folder);
    }

    /** A service manager may forbid to set permissions; `init` and the packages have set them then. */
    private void share() {
        try {
            SharedFolder.open(folder);
        } catch (IOException e) {
            LOG.warn(
                    "event=pickup-not-shared folder={} reason=\"{}\" advice=\"chmod 3733 {}\"",
                    folder,
                    Failures.text(e),
                    folder);
        }
    }

    /** Opens a watch that reports new and changed files. */
    WatchService watch() throws IOException {
        WatchService watch = folder.getFileSystem().newWatchService();
        try {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            return watch;
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    /** Claims the files that are complete. Returns whether others may be complete soon. */
    boolean claimSettled() {
        boolean unsettled = false;
        List<Path> files = files(folder);
        settledFiles.retain(files);
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            Path claim = claimed.resolve(name);
            if (name.startsWith(".") || name.endsWith(".tmp") || Files.exists(claim, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            } else if (!settledFiles.isSettled(file)) {
                unsettled = true;
                continue;
            }
            try {
                disk.rename(file, claim);
            } catch (IOException e) {
                LOG.warn("event=pickup-delayed file={} reason=\"{}\"", name, Failures.text(e));
            }
        }
        return unsettled;
    }

    /** Returns the claimed files. */
    List<Path> claimed() {
        return files(claimed);
    }

    /** Returns the files of a folder, without folders and links. Returns an empty list if the folder cannot be read. */
    private static List<Path> files(Path folder) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(files::add);
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=pickup-unreadable folder={} reason=\"{}\"", folder, Failures.text(e));
        }
        files.removeIf(file -> !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        return files;
    }

    /** Deletes a claimed file. The deletion is durable after {@link #sync}. */
    void delete(Path file) throws IOException {
        disk.delete(file);
    }

    /** Moves a claimed file to the refused ones, beside a file with the reason. Returns false if it stays claimed. */
    boolean refuse(Path file, String reason) {
        LOG.warn("event=pickup-refused file={} reason=\"{}\"", file.getFileName(), reason);
        try {
            Path target = refused.resolve(String.valueOf(file.getFileName()));
            byte[] text = (reason + "\n").getBytes(StandardCharsets.UTF_8);
            disk.replace(refused.resolve(target.getFileName() + ".reason"), text);
            disk.rename(file, target);
            disk.syncDirectory(refused);
            return true;
        } catch (IOException e) {
            LOG.error("event=pickup-stays-claimed file={} reason=\"{}\"", file, Failures.text(e));
            return false;
        }
    }

    /** Makes all removals durable with one sync. A file that reappears after a crash is sent again. */
    void sync() {
        try {
            disk.syncDirectory(claimed);
            disk.syncDirectory(folder);
        } catch (IOException e) {
            LOG.warn("event=pickup-not-synced folder={} reason=\"{}\"", folder, Failures.text(e));
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
