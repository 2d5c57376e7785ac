package org.mailserv.server.store.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.store.SharedFiles;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.store.mirror.CommonVersions.Common;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps files of this machine the same on all nodes. Once a second it looks for changes on both sides: a local change is sent to the shared
 * store, one of another node is written into the file, and two changes at once are merged. A change that was made while the store did not
 * answer, or while this server was down, is sent later. Thread-safe.
 */
public final class FileMirror implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileMirror.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ROUNDS = 5;

    private final SharedFiles shared;
    private final CommonVersions common;
    private final Disk disk;
    private final MirroredFiles files;
    private final Duration interval;
    private final ScheduledThreadPoolExecutor thread;
    /** State of the files at the last look that found both sides equal. */
    private final Map<String, Stamp> equal = new HashMap<>();

    private final Set<String> received = new TreeSet<>();
    private boolean failing;

    /** A state of a file that shows whether it was written, and the shared version that it was compared with. */
    private record Stamp(long modified, long size, @Nullable Object key, long version) {
        static Stamp of(MirroredFile file, long version) throws IOException {
            try {
                BasicFileAttributes now = Files.readAttributes(file.path(), BasicFileAttributes.class);
                return new Stamp(now.lastModifiedTime().to(TimeUnit.NANOSECONDS), now.size(), now.fileKey(), version);
            } catch (NoSuchFileException e) {
                return new Stamp(0, -1, null, version);
            }
        }
    }

    /**
     * Creates a mirror, which does nothing before {@link #sync} or {@link #start}.
     *
     * @param common the folder in which the mirror notes what both sides had in common
     * @param interval between two looks
     */
    public FileMirror(SharedFiles shared, Path common, Disk disk, MirroredFiles files, Duration interval) {
        this.shared = shared;
        this.common = new CommonVersions(common, disk);
        this.disk = disk;
        this.files = files;
        this.interval = interval;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "shared-files");
            made.setDaemon(true);
            return made;
        });
    }

    /**
     * Makes both sides equal, for a start that needs the files of all nodes. Blocks.
     *
     * @throws IOException if the store does not answer, or a file cannot be read or written
     */
    public synchronized void sync() throws IOException {
        for (int i = 0; i < ROUNDS; i++) {
            if (!round()) {
                return;
            }
        }
    }

    /**
     * Begins to look for changes.
     *
     * @param changed gets the names of files that other nodes have changed, including those of {@link #sync}; may block
     */
    public void start(Consumer<Set<String>> changed) {
        thread.scheduleWithFixedDelay(() -> look(changed), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look(Consumer<Set<String>> changed) {
        Set<String> news;
        synchronized (this) {
            try {
                round();
                if (failing) {
                    failing = false;
                    LOG.info("event=shared-files-resumed");
                }
            } catch (IOException | RuntimeException e) {
                if (!failing) {
                    LOG.warn("event=shared-files-not-compared reason=\"{}\"", Failures.text(e));
                }
                failing = true;
            }
            news = Set.copyOf(received);
            received.clear();
        }
        if (!news.isEmpty()) {
            try {
                changed.accept(news);
            } catch (RuntimeException e) {
                LOG.warn("event=shared-files-not-applied files={} reason=\"{}\"", news, Failures.text(e));
            }
        }
    }

    /** Compares all files once. Returns whether something was not equal. */
    private boolean round() throws IOException {
        Map<String, Long> versions = StoreStages.await(shared.versions(), PATIENCE);
        Set<String> names = new TreeSet<>(versions.keySet());
        names.addAll(files.present());
        names.addAll(equal.keySet());
        boolean busy = false;
        IOException failure = null;
        for (String name : names) {
            MirroredFile file = files.find(name);
            try {
                busy |= file != null && compare(file, versions.getOrDefault(name, SharedFiles.MISSING));
            } catch (IOException e) {
                // One that cannot be written must not keep the others from being shared.
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return busy;
    }

    private boolean compare(MirroredFile file, long version) throws IOException {
        Stamp now = Stamp.of(file, version);
        if (now.equals(equal.get(file.name()))) {
            return false;
        }
        Common last = common.read(file.name());
        if (version < last.version()) {
            // Not the store that the note is about: it lost its files, or is another one. Nothing of ours may follow
            // it.
            last = Common.NONE;
        }
        byte[] local = file.read();
        if (local == null && last.content() != null && file.kind() == MirroredFile.Kind.LINES) {
            LOG.warn("event=shared-file-restored name={} reason=\"it was missing\"", file.name());
            file.replace(null, last.content(), disk);
            return true;
        }
        boolean ours = !Arrays.equals(local, last.content());
        if (version != last.version()) {
            receive(file, version, last, local, ours);
            return true;
        } else if (ours) {
            send(file, version, local);
            return true;
        }
        equal.put(file.name(), now);
        return false;
    }

    private void send(MirroredFile file, long version, byte @Nullable [] local) throws IOException {
        boolean sent = StoreStages.await(
                local == null ? shared.remove(file.name(), version) : shared.replace(file.name(), version, local),
                PATIENCE);
        if (sent) {
            common.write(file.name(), version + 1, local);
            LOG.info("event=shared-file-sent name={} version={}", file.name(), version + 1);
        }
    }

    private void receive(MirroredFile file, long version, Common last, byte @Nullable [] local, boolean ours)
            throws IOException {
        SharedFiles.Content found = StoreStages.await(shared.read(file.name()), PATIENCE);
        byte[] content = found == null ? null : found.content();
        byte[] next = content;
        if (content == null && file.kind() == MirroredFile.Kind.LINES) {
            // Such a file is never removed: it is sent again.
            next = local;
        } else if (ours && !Arrays.equals(local, content)) {
            MirroredFile.Merged merged = file.merge(last.content(), local, content);
            next = merged.content();
            merged.conflicts()
                    .forEach(key -> LOG.warn(
                            "event=shared-file-conflict name={} entry=\"{}\" kept=\"change of another node\"",
                            file.name(),
                            key.replaceAll("[\\p{Cntrl}\"]", " ")));
        }
        if (!Arrays.equals(local, next)) {
            if (!file.replace(local, next, disk)) {
                // Somebody has just written it: the next look takes both changes.
                return;
            }
            received.add(file.name());
        }
        common.write(file.name(), found == null ? version : found.version(), content);
        LOG.info(
                "event=shared-file-received name={} version={}",
                file.name(),
                found == null ? version : found.version());
    }

    /** Ends the looks. What has changed in the last second is sent after the next start. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
