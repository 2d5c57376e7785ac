package org.mailserv.server.mailbox.maildir;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFault;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MailboxForm;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.StoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mailboxes as Maildir folders. A message is one file, named by its queue id, made in {@code tmp} and renamed into {@code new}; further
 * mailboxes get a link to the same file where the file system allows it.
 */
public final class MaildirStore implements MailboxStore, LocalMailboxes, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MaildirStore.class);
    // The name that IMAP servers give that folder of a Maildir.
    private static final String JUNK = ".Junk";
    private static final int LOOK_SHARE = 500;
    // A disk whose sync takes milliseconds takes as many side by side in the same time.
    private static final int SYNC_THREADS = 8;
    private static final int SYNC_SHARE = 16;
    private static final List<String> OTHER_PLACES = List.of("cur", JUNK + "/new", JUNK + "/cur");

    private final MaildirLayout layout;
    private final Disk disk;
    private final SealedIds ids;
    private final DiskLanes lanes;
    private final Crew crew;
    private final ThreadPoolExecutor syncing;
    private final Crew syncCrew;
    private final Set<Path> known = ConcurrentHashMap.newKeySet();
    private final Set<Path> createdFolders = ConcurrentHashMap.newKeySet();
    private final Set<MailboxName> locked = ConcurrentHashMap.newKeySet();
    private final Cache<Path, MaildirListing> listings = Caffeine.newBuilder()
            .maximumWeight(2_000_000)
            .weigher((Path path, MaildirListing listing) -> 100 + listing.size())
            .build();
    private @Nullable DeletionLog deletions;

    private static Thread syncThread(Runnable task) {
        Thread thread = new Thread(task, "mailbox-sync");
        thread.setDaemon(true);
        return thread;
    }

    /** Where the decision to delete is made durable before the first file goes. */
    public interface DeletionLog {
        CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids);
    }

    /**
     * @param ids tell the order of messages by their names
     * @param threads that write and read mailbox files
     * @param queueLength most tasks that wait for each of them
     */
    public MaildirStore(MaildirLayout layout, Disk disk, SealedIds ids, int threads, int queueLength) {
        this.ids = ids;
        this.layout = layout;
        this.disk = disk;
        this.lanes = new DiskLanes("mailbox", threads, queueLength);
        this.crew = new Crew(task -> lanes.any().execute(task), threads, LOOK_SHARE);
        this.syncing = new ThreadPoolExecutor(
                0, SYNC_THREADS - 1, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), MaildirStore::syncThread);
        this.syncCrew = new Crew(syncing, SYNC_THREADS, SYNC_SHARE);
    }

    /** Ties the store to the spool, which itself needs the store to be made. Before the first session. */
    public void attach(DeletionLog log) {
        deletions = log;
    }

    @Override
    public CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> mailboxes) {
        CompletableFuture<List<DeliveryOutcome>> done = new CompletableFuture<>();
        try {
            // One lane a mailbox: two threads in one folder only wait for each other's lock in the kernel.
            lanes.lane(mailboxes.get(0)).execute(() -> {
                try {
                    done.complete(publish(message, mailboxes, false));
                } catch (Error e) {
                    // Somebody waits for the outcome, whatever it is.
                    done.completeExceptionally(e);
                    throw e;
                }
            });
        } catch (RejectedExecutionException e) {
            DeliveryOutcome busy = new DeliveryOutcome("the disk lanes are full", false);
            done.complete(Collections.nCopies(mailboxes.size(), busy));
        }
        return done;
    }

    @Override
    public Set<MailboxName> redeliver(StoredMessage message, List<MailboxName> mailboxes) {
        List<DeliveryOutcome> outcomes = publish(message, mailboxes, true);
        Set<MailboxName> failed = new HashSet<>();
        for (int i = 0; i < mailboxes.size(); i++) {
            if (!outcomes.get(i).isDelivered()) {
                failed.add(mailboxes.get(i));
            }
        }
        return failed;
    }

    private List<DeliveryOutcome> publish(StoredMessage message, List<MailboxName> mailboxes, boolean look) {
        List<DeliveryOutcome> outcomes = new ArrayList<>(mailboxes.size());
        String name = message.envelope().id().toString();
        Path written = null;
        for (MailboxName mailbox : mailboxes) {
            try {
                written = publish(message, mailbox, look, written);
                outcomes.add(DeliveryOutcome.DELIVERED);
            } catch (IOException | RuntimeException e) {
                forget(mailbox);
                LOG.warn("event=mailbox-failed id={} mailbox={} reason={}", name, mailbox, e.toString());
                outcomes.add(new DeliveryOutcome(reason(e), DiskFault.of(e) == DiskFault.QUOTA));
            }
        }
        return outcomes;
    }

    private void forget(MailboxName mailbox) {
        try {
            known.remove(layout.folder(mailbox));
        } catch (UncheckedIOException e) {
            LOG.debug("event=mailbox-not-found mailbox={} reason={}", mailbox, e.toString());
        }
    }

    /** Gives the file, which may be linked where the message goes next. */
    private Path publish(StoredMessage message, MailboxName mailbox, boolean look, @Nullable Path written)
            throws IOException {
        Path folder = layout.folder(mailbox);
        boolean junk = message.envelope().junk();
        boolean wasKnown = known.contains(folder);
        try {
            return publish(message, prepared(folder, junk), look, written);
        } catch (NoSuchFileException e) {
            if (!wasKnown) {
                throw e;
            }
            // Its folder was removed behind our back.
            known.remove(folder);
            known.remove(folder.resolve(JUNK));
            return publish(message, prepared(folder, junk), look, null);
        }
    }

    private Path publish(StoredMessage message, Path folder, boolean look, @Nullable Path written) throws IOException {
        String name = message.envelope().id().toString();
        // A name may have survived a crash without its content: what is found is written again, under its name.
        Path found = look ? find(folder, name) : null;
        Path target = found == null ? folder.resolve("new").resolve(name) : found;
        FinalDelivery form = written == null ? FinalDelivery.of(message.content()) : null;
        Path source = form == null ? written : form.isWhole() ? message.mailboxFile() : null;
        if (found != null || source == null || !linked(source, target)) {
            write(form == null ? FinalDelivery.of(message.content()) : form, message, folder, target);
        }
        return target;
    }

    private static String reason(Exception e) {
        return e instanceof IOException ? "mailbox cannot be written: " + e.getMessage() : e.toString();
    }

    private boolean linked(Path written, Path target) {
        try {
            disk.link(written, target);
            return true;
        } catch (FileAlreadyExistsException e) {
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            // Another file system, or one without links: a copy does as well.
            LOG.debug("event=link-failed file={} reason={}", target, e.toString());
            return false;
        }
    }

    private void write(FinalDelivery form, StoredMessage message, Path folder, Path target) throws IOException {
        Path temporary = folder.resolve("tmp").resolve(message.envelope().id().toString());
        try {
            writeTemporary(form, message, temporary);
            disk.rename(temporary, target);
        } catch (IOException | RuntimeException e) {
            try {
                disk.delete(temporary);
            } catch (IOException stray) {
                e.addSuppressed(stray);
            }
            throw e;
        }
    }

    private void writeTemporary(FinalDelivery form, StoredMessage message, Path temporary) throws IOException {
        try (DiskFile file = createFresh(temporary)) {
            form.writeTo(file, MailboxForm.returnPath(message.envelope().sender()));
        }
    }

    private DiskFile createFresh(Path temporary) throws IOException {
        try {
            return disk.create(temporary);
        } catch (FileAlreadyExistsException e) {
            // Left by a run that was cut short.
            disk.delete(temporary);
            return disk.create(temporary);
        }
    }

    /** The mailbox's folder, made where it is missing; looked at once. */
    private Path prepared(Path mailbox, boolean junk) throws IOException {
        Path inbox = prepared(mailbox);
        return junk ? prepared(inbox.resolve(JUNK)) : inbox;
    }

    private Path prepared(Path folder) throws IOException {
        if (known.contains(folder)) {
            return folder;
        }
        boolean created = disk.createDirectories(folder);
        for (String part : List.of("tmp", "new", "cur")) {
            created |= disk.createDirectories(folder.resolve(part));
        }
        if (created) {
            createdFolders.add(folder);
        }
        known.add(folder);
        return folder;
    }

    /** The file of a message in {@code new}, or in {@code cur} with any flags; null where it is gone. */
    private @Nullable Path find(Path folder, String unique) throws IOException {
        Path fresh = folder.resolve("new").resolve(unique);
        if (disk.exists(fresh)) {
            return fresh;
        }
        for (String part : List.of("new", "cur")) {
            for (String name : disk.list(folder.resolve(part))) {
                if (name.equals(unique) || name.startsWith(unique + ":") || name.startsWith(unique + ",")) {
                    return FileNames.resolve(folder.resolve(part), name);
                }
            }
        }
        return null;
    }

    @Override
    public List<Delivered> sync(Collection<Delivered> deliveries) {
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
        // The mailboxes of one message share its file: where one has lost it, the others' sync only seems to go well.
        return deliveries.stream()
                .filter(delivered -> lost.contains(delivered.id()))
                .toList();
    }

    /** Gives what cannot be trusted to be there after a crash. */
    private Set<QueueId> sync(MailboxName mailbox, Set<QueueId> ids) {
        Path folder = layout.folder(mailbox);
        if (!disk.exists(folder)) {
            return gone(mailbox, folder, ids);
        }
        Map<QueueId, IOException> lost = new LinkedHashMap<>();
        Set<QueueId> there = new LinkedHashSet<>();
        try {
            syncFiles(folder, ids, there, lost);
            disk.syncDirectory(folder.resolve("new"));
            syncCreated(folder);
        } catch (IOException e) {
            if (!disk.exists(folder.resolve("new"))) {
                return gone(mailbox, folder, ids);
            }
            LOG.warn("event=mailbox-sync-failed mailbox={} reason={}", mailbox, e.toString());
            known.remove(folder);
            return there.isEmpty() ? ids : there;
        }
        if (!lost.isEmpty()) {
            // One line: a disk that fails does so for each file, and again at each try.
            LOG.warn(
                    "event=mailbox-sync-failed mailbox={} messages={} reason={}",
                    mailbox,
                    lost.size(),
                    lost.values().iterator().next().toString());
        }
        return lost.keySet();
    }

    /** A mailbox alone is removed by somebody; with its whole domain it may be a disk that is not there. */
    private Set<QueueId> gone(MailboxName mailbox, Path folder, Set<QueueId> ids) {
        known.remove(folder);
        known.remove(folder.resolve(JUNK));
        createdFolders.remove(folder);
        Path domain = folder.getParent();
        boolean removed = domain != null && disk.exists(domain);
        LOG.warn("event=mailbox-gone mailbox={} messages={} rewritten={}", mailbox, ids.size(), !removed);
        return removed ? Set.of() : ids;
    }

    private void syncFiles(Path folder, Set<QueueId> ids, Set<QueueId> there, Map<QueueId, IOException> lost)
            throws IOException {
        List<QueueId> all = List.copyOf(ids);
        Path fresh = folder.resolve("new");
        Synced[] outcomes = new Synced[all.size()];
        syncCrew.share(all.size(), (from, to) -> {
            for (int i = from; i < to; i++) {
                outcomes[i] = syncFile(fresh.resolve(all.get(i).toString()), all.get(i));
            }
        });
        Map<String, QueueId> moved = new LinkedHashMap<>();
        for (int i = 0; i < outcomes.length; i++) {
            if (!note(all.get(i), outcomes[i], there, lost)) {
                moved.put(all.get(i).toString(), all.get(i));
            }
        }
        if (moved.isEmpty()) {
            return;
        }
        // Somebody read them, or deleted them, or they are junk: one look at each place for all.
        for (String place : OTHER_PLACES) {
            boolean any = false;
            for (String name : disk.list(folder.resolve(place))) {
                QueueId id = moved.get(MaildirName.unique(name));
                any |= id != null
                        && note(id, syncFile(FileNames.resolve(folder.resolve(place), name), id), there, lost);
            }
            if (any) {
                disk.syncDirectory(folder.resolve(place));
            }
        }
        if (disk.exists(folder.resolve(JUNK))) {
            syncCreated(folder.resolve(JUNK));
        }
    }

    private record Synced(boolean found, @Nullable IOException failure) {}

    private Synced syncFile(Path file, QueueId id) {
        try {
            return new Synced(disk.syncFile(file), null);
        } catch (IOException e) {
            LOG.debug("event=message-sync-failed id={} file={} reason={}", id, file, e.toString());
            return new Synced(true, e);
        }
    }

    /** Gives whether the file was there. */
    private static boolean note(QueueId id, Synced outcome, Set<QueueId> there, Map<QueueId, IOException> lost) {
        if (!outcome.found()) {
            return false;
        }
        there.add(id);
        IOException failure = outcome.failure();
        if (failure != null) {
            lost.put(id, failure);
        }
        return true;
    }

    /** The name of a new folder is durable once the folders above it are synced. */
    private void syncCreated(Path folder) throws IOException {
        if (!createdFolders.contains(folder)) {
            return;
        }
        disk.syncDirectory(folder);
        Path above = folder.getParent();
        for (int i = 0; i < 3 && above != null && disk.exists(above); i++) {
            disk.syncDirectory(above);
            above = above.getParent();
        }
        createdFolders.remove(folder);
    }

    @Override
    public void delete(MailboxName mailbox, Collection<String> uids) throws IOException {
        Path folder = layout.folder(mailbox);
        Set<String> wanted = new HashSet<>(uids);
        for (String part : List.of("new", "cur")) {
            for (String name : disk.list(folder.resolve(part))) {
                if (wanted.contains(MaildirName.uid(name))) {
                    disk.delete(FileNames.resolve(folder.resolve(part), name));
                }
            }
        }
    }

    @Override
    public void syncFolders(Collection<MailboxName> mailboxes) throws IOException {
        for (MailboxName mailbox : mailboxes) {
            for (String part : List.of("new", "cur")) {
                Path folder = layout.folder(mailbox).resolve(part);
                if (disk.exists(folder)) {
                    disk.syncDirectory(folder);
                }
            }
        }
    }

    @Override
    public CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
        return onLane(() -> {
            MaildirListing listing = listing(mailbox);
            return new MailboxUsage(listing.totalOctets(), listing.size());
        });
    }

    @Override
    public CompletionStage<Maildrop> open(MailboxName mailbox) {
        if (!locked.add(mailbox)) {
            return CompletableFuture.failedFuture(
                    new MaildropException(MaildropException.Reason.IN_USE, mailbox + " is in use"));
        }
        CompletionStage<Maildrop> opened = onLane(() -> new OpenMaildrop(this, mailbox, listing(mailbox)));
        return opened.whenComplete((maildrop, failure) -> {
            if (failure != null) {
                locked.remove(mailbox);
            }
        });
    }

    /** One pass over the folder, or the last one's result while the folder has not changed. */
    private MaildirListing listing(MailboxName mailbox) throws IOException {
        Path folder = layout.folder(mailbox);
        MaildirListing cached = listings.getIfPresent(folder);
        MaildirListing.Stamp stamp = MaildirListing.Stamp.of(disk, folder);
        if (cached != null && cached.stamp().equals(stamp) && stamp.isSettled()) {
            return cached;
        }
        MaildirListing listing = MaildirListing.read(disk, folder, stamp, cached, crew, ids);
        listings.put(folder, listing);
        return listing;
    }

    <T> CompletionStage<T> onLane(Work<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            lanes.any().execute(() -> {
                try {
                    done.complete(work.run());
                } catch (MaildropException e) {
                    done.completeExceptionally(e);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(new MaildropException(
                            MaildropException.Reason.TEMPORARY, String.valueOf(e.getMessage()), e));
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new MaildropException(MaildropException.Reason.TEMPORARY, "the disk lanes are full", e));
        }
        return done;
    }

    CompletionStage<Void> runOnLane(Task task) {
        return onLane(() -> {
                    task.run();
                    return true;
                })
                .thenAccept(done -> {});
    }

    /** What runs on a lane and gives nothing back. */
    interface Task {
        void run() throws IOException, MaildropException;
    }

    /** What runs on a lane. */
    interface Work<T> {
        T run() throws IOException, MaildropException;
    }

    Disk disk() {
        return disk;
    }

    Path folder(MailboxName mailbox) {
        return layout.folder(mailbox);
    }

    CompletionStage<Void> recordDeletions(MailboxName mailbox, Collection<String> uids) {
        DeletionLog log = deletions;
        return log == null ? CompletableFuture.completedFuture(null) : log.recordDeletions(mailbox, uids);
    }

    void unlock(MailboxName mailbox) {
        locked.remove(mailbox);
    }

    /** Lets what was begun finish. Blocks. */
    @Override
    public void close() {
        lanes.close();
        syncing.shutdown();
    }
}
