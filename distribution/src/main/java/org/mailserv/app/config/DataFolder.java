package org.mailserv.app.config;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.file.FileSpoolConfig;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.file.FileStore;
import org.mailserv.server.store.shared.SharedStore;
import org.mailserv.server.text.Failures;

/** The layout of the data folder, and its lock: two servers on one spool would deliver each other's messages twice. */
public final class DataFolder implements AutoCloseable {
    /** Version of the layout. Raised with a change that an older server would not understand. */
    private static final int FORMAT = 2;

    private final MailservConfig config;
    private final Disk disk;
    private @Nullable FileChannel lockFile;

    public DataFolder(MailservConfig config, Disk disk) {
        this.config = config;
        this.disk = disk;
    }

    public Path path() {
        return config.dataDir().toAbsolutePath();
    }

    /** Acquires the lock, or fails if another process holds it. */
    public void lock() throws StartupException {
        lock(Duration.ZERO);
    }

    /**
     * Acquires the lock, or fails if another process holds it for longer than {@code patience}. A command such as {@code queue list} holds it
     * for a moment while no server runs. Blocks.
     */
    public void lock(Duration patience) throws StartupException {
        Path folder = path();
        try {
            disk.createDirectories(folder);
            FileChannel file =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lockFile = file;
            long deadline = System.nanoTime() + patience.toNanos();
            FileLock lock = file.tryLock();
            while (lock == null && System.nanoTime() < deadline) {
                Thread.sleep(50);
                lock = file.tryLock();
            }
            if (lock == null) {
                throw new StartupException("data-dir " + folder + ": another mailserv uses it; stop that one first");
            }
            checkFormat(folder);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        } catch (OverlappingFileLockException e) {
            throw new StartupException("data-dir " + folder + ": another mailserv uses it; stop that one first", e);
        } catch (IOException e) {
            throw new StartupException(
                    "data-dir " + folder + ": cannot be written by " + System.getProperty("user.name") + " ("
                            + Failures.text(e) + ")",
                    e);
        }
    }

    /** Checks the layout version of the folder, and writes it into a new one. The lock is held. */
    private void checkFormat(Path folder) throws IOException, StartupException {
        Path file = folder.resolve("format");
        if (!disk.exists(file)) {
            writeFormat(file);
            return;
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        String problem = formatProblem(folder, text);
        if (problem != null) {
            throw new StartupException(problem);
        }
        if (Integer.parseInt(text) < FORMAT) {
            // This server reads the files of an older one; the older one could not read those of this server.
            writeFormat(file);
        }
    }

    private static @Nullable String formatProblem(Path folder, String text) {
        return text.matches("[0-9]{1,9}") && Integer.parseInt(text) <= FORMAT
                ? null
                : "data-dir " + folder + ": is of format " + text.replaceAll("[^0-9A-Za-z]", "?") + " (expected: "
                        + FORMAT + " or lower): a newer mailserv has used it";
    }

    /** Returns why this server cannot use the folder's layout, or null. Changes nothing. Blocks. */
    public @Nullable String formatProblem() {
        Path file = path().resolve("format");
        try {
            return Files.exists(file)
                    ? formatProblem(
                            path(),
                            Files.readString(file, StandardCharsets.US_ASCII).strip())
                    : null;
        } catch (IOException e) {
            return "data-dir " + Failures.text(e);
        }
    }

    private void writeFormat(Path file) throws IOException {
        disk.replace(file, (FORMAT + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    public MaildirLayout layout() {
        Path domainsDir = config.domainsDir();
        Map<String, Path> folders = new HashMap<>();
        config.domains().forEach((name, domain) -> {
            Path path = domain.path();
            if (path != null) {
                folders.put(DomainNames.canonical(name), path.toAbsolutePath());
            }
        });
        Path base = domainsDir == null ? config.dataDir().resolve("domains") : domainsDir;
        return new MaildirLayout(base.toAbsolutePath(), folders);
    }

    /**
     * Opens the store, whose spool is started by the caller. The lock is held. Blocks.
     *
     * @param events receives what happens to stored messages
     * @throws StartupException if mail cannot be kept in the configured place
     */
    public MailStore openStore(MailEvents events) throws IOException, StartupException {
        String problem = config.store().problem();
        if (problem != null) {
            throw new StartupException(problem);
        }
        return config.store().kind() == StoreSettings.Kind.CASSANDRA ? openShared(events) : openFiles(events);
    }

    /** Opens the store in the files of this folder, whichever the server uses. The lock is held. Blocks. */
    public FileStore openFiles(MailEvents events) throws IOException {
        return new FileStore(
                spoolConfig(), layout(), disk, ids(), config.relay().maxConnectionsPerMx(), events);
    }

    /** Opens the store in the tables of Apache Cassandra, whichever the server uses. The lock is held. Blocks. */
    public SharedStore openShared(MailEvents events) throws IOException, StartupException {
        return SharedStores.open(config, events);
    }

    private FileSpoolConfig spoolConfig() {
        MailservConfig.SpoolSettings spool = config.spool();
        return new FileSpoolConfig(
                path().resolve("spool"),
                spool.segmentSize(),
                spool.maxSegments(),
                spool.segmentAge(),
                spool.inlineLimit(),
                spool.memoryLimit(),
                // With little memory, messages in transit need it more.
                Math.min(spool.recentLimit(), PlatformDependent.maxDirectMemory() / 8),
                spool.stateDelay(),
                spool.freeSpaceMark(),
                spool.lanes(),
                spool.laneQueue());
    }

    public Path pickup() {
        Path folder = config.pickup().folder();
        return folder == null ? path().resolve("spool/pickup") : folder.toAbsolutePath();
    }

    /** Returns the folder of the DKIM keys. */
    public Path dkim() {
        return path().resolve("dkim");
    }

    /** Returns the file of the SRS key. */
    public Path srsSecret() {
        return path().resolve("srs-secret");
    }

    /** Returns the file of the key that encrypts the sequence number in message ids. */
    public Path orderKey() {
        return path().resolve("order-key");
    }

    /** Returns the generator of message ids under the key of this folder. Blocks. */
    public SealedIds ids() throws IOException {
        return new SealedIds(SealedIds.keyIn(orderKey(), disk), InstantSource.system());
    }

    @Override
    public void close() throws IOException {
        FileChannel file = lockFile;
        if (file != null) {
            file.close();
        }
    }

    /** Returns whether a folder can be used or created, so that {@code check-config} can tell before the start. */
    public static boolean isUsable(Path folder) {
        Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
    }
}
