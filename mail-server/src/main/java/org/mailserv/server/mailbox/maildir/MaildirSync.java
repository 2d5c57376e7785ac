package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.spool.LocalMailboxes.Delivered;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes deliveries durable, many files at once. Thread-safe; blocks. */
final class MaildirSync implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MaildirSync.class);
    // A disk that needs milliseconds for one sync does this many at the same time.
    private static final int THREADS = 8;
    private static final int FILES_AT_ONCE = 16;
    private static final List<String> OTHER_PLACES =
            List.of("cur", MaildirFolders.JUNK + "/new", MaildirFolders.JUNK + "/cur");

    private final MaildirLayout layout;
    private final Disk disk;
    private final MaildirFolders folders;
    private final ThreadPoolExecutor helpers =
            new ThreadPoolExecutor(0, THREADS - 1, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), MaildirSync::thread);
    private final ParallelWork parallel = new ParallelWork(helpers, THREADS, FILES_AT_ONCE);

    MaildirSync(MaildirLayout layout, Disk disk, MaildirFolders folders) {
        this.layout = layout;
        this.disk = disk;
        this.folders = folders;
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "mailbox-sync");
        thread.setDaemon(true);
        return thread;
    }

    /** Makes deliveries durable; returns those that may be lost in a crash, because the disk has failed. */
    List<Delivered> sync(Collection<Delivered> deliveries) {
        Map<MailboxName, Set<QueueId>> byMailbox = new LinkedHashMap<>();
        for (Delivered delivered : deliveries) {
            for (MailboxName mailbox : delivered.mailboxes()) {
                byMailbox.computeIfAbsent(mailbox, key -> new LinkedHashSet<>()).add(delivered.id());
            }
        }
        byMailbox.keySet().stream()
                .map(mailbox -> layout.root(mailbox.domain()))
                .distinct()
                .filter(disk::exists)
                .forEach(root -> disk.flush(root, deliveries.size()));
        Set<QueueId> lost = new HashSet<>();
        byMailbox.forEach((mailbox, ids) -> lost.addAll(sync(mailbox, ids)));
        // The mailboxes of one message share its file. If one sync has failed, a later one of the same file may succeed
        // although the data is lost.
        return deliveries.stream()
                .filter(delivered -> lost.contains(delivered.id()))
                .toList();
    }

    /** Syncs the messages of one mailbox; returns those that may be lost in a crash. */
    private Set<QueueId> sync(MailboxName mailbox, Set<QueueId> ids) {
        Path folder = layout.folder(mailbox);
        if (!disk.exists(folder)) {
            return missingMailbox(mailbox, folder, ids);
        }
        Outcomes outcomes = new Outcomes();
        try {
            syncFiles(folder, ids, outcomes);
            disk.syncDirectory(folder.resolve("new"));
            folders.syncName(folder);
        } catch (IOException e) {
            if (!disk.exists(folder.resolve("new"))) {
                return missingMailbox(mailbox, folder, ids);
            }
            LOG.warn("event=mailbox-sync-failed mailbox={} reason=\"{}\"", mailbox, Failures.text(e));
            folders.forgetInbox(folder);
            return outcomes.found.isEmpty() ? ids : outcomes.found;
        }
        outcomes.log(mailbox);
        return outcomes.failures.keySet();
    }

    /** A missing mailbox was removed by somebody. If its whole domain is missing, the disk may not be mounted. */
    private Set<QueueId> missingMailbox(MailboxName mailbox, Path folder, Set<QueueId> ids) {
        folders.forgetRemoved(folder);
        Path domain = folder.getParent();
        boolean removed = domain != null && disk.exists(domain);
        LOG.warn("event=mailbox-gone mailbox={} messages={} rewritten={}", mailbox, ids.size(), !removed);
        return removed ? Set.of() : ids;
    }

    private void syncFiles(Path folder, Set<QueueId> ids, Outcomes outcomes) throws IOException {
        List<QueueId> all = List.copyOf(ids);
        Path fresh = folder.resolve("new");
        FileSync[] synced = new FileSync[all.size()];
        parallel.run(all.size(), (from, to) -> {
            for (int i = from; i < to; i++) {
                synced[i] = syncFile(fresh.resolve(all.get(i).toString()), all.get(i));
            }
        });
        Map<String, QueueId> moved = new LinkedHashMap<>();
        for (int i = 0; i < synced.length; i++) {
            if (!outcomes.add(all.get(i), synced[i])) {
                moved.put(all.get(i).toString(), all.get(i));
            }
        }
        if (!moved.isEmpty()) {
            syncMoved(folder, moved, outcomes);
        }
    }

    /** Syncs messages that are not in {@code new}: read by their owner, delivered as junk, or deleted. Lists each other place once. */
    private void syncMoved(Path folder, Map<String, QueueId> moved, Outcomes outcomes) throws IOException {
        for (String place : OTHER_PLACES) {
            boolean any = false;
            for (String name : disk.list(folder.resolve(place))) {
                QueueId id = moved.get(MaildirName.unique(name));
                any |= id != null && outcomes.add(id, syncFile(FileNames.resolve(folder.resolve(place), name), id));
            }
            if (any) {
                disk.syncDirectory(folder.resolve(place));
            }
        }
        Path junk = folder.resolve(MaildirFolders.JUNK);
        if (disk.exists(junk)) {
            folders.syncName(junk);
        }
    }

    private FileSync syncFile(Path file, QueueId id) {
        try {
            return new FileSync(disk.syncFile(file), null);
        } catch (IOException e) {
            LOG.debug("event=message-sync-failed id={} file={} reason=\"{}\"", id, file, Failures.text(e));
            return new FileSync(true, e);
        }
    }

    /**
     * The outcome for one file.
     *
     * @param found whether the file exists
     */
    private record FileSync(boolean found, @Nullable IOException failure) {}

    /** The outcomes for the messages of one mailbox. */
    private static final class Outcomes {
        final Set<QueueId> found = new LinkedHashSet<>();
        final Map<QueueId, IOException> failures = new LinkedHashMap<>();

        /** Returns whether the file exists. */
        boolean add(QueueId id, FileSync outcome) {
            if (!outcome.found()) {
                return false;
            }
            found.add(id);
            IOException failure = outcome.failure();
            if (failure != null) {
                failures.put(id, failure);
            }
            return true;
        }

        /** Logs one line for all failures, because a failing disk fails for every file, and again at every attempt. */
        void log(MailboxName mailbox) {
            if (!failures.isEmpty()) {
                LOG.warn(
                        "event=mailbox-sync-failed mailbox={} messages={} reason=\"{}\"",
                        mailbox,
                        failures.size(),
                        Failures.text(failures.values().iterator().next()));
            }
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
    }
}
