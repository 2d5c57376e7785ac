package org.mailserv.server.store.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.mailbox.maildir.MaildirStore;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.file.FileSpool;
import org.mailserv.server.spool.file.FileSpoolConfig;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.GreylistMemory;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.LocalSeats;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.Seats;
import org.mailserv.server.store.SharedCounts;
import org.mailserv.server.store.SharedFiles;

/** The spool and the mailboxes in the files of this machine. Nobody shares them, so that seats, counts and the lease are a matter of memory. */
public final class FileStore implements MailStore {
    private final MaildirLayout layout;
    private final LocalMaildirs maildirs;
    private final FileSpool spool;
    private final MaildirStore mailboxes;
    private final Seats seats;
    private final MailEvents events;

    /**
     * Opens the folders; {@link Spool#start} recovers the spool. The caller holds the lock of the data folder.
     *
     * @param layout the mailbox folders
     * @param ids provides the ids of new messages
     * @param seatsPerAddress the connections that the relay may have to each address
     * @param events receives what happens to stored messages
     */
    public FileStore(
            FileSpoolConfig config,
            MaildirLayout layout,
            Disk disk,
            SealedIds ids,
            int seatsPerAddress,
            MailEvents events) {
        this.events = events;
        this.layout = layout;
        this.maildirs = new LocalMaildirs(layout, disk, config.lanes(), config.laneQueue(), events);
        this.spool = new FileSpool(config, disk, maildirs, ids, events);
        this.mailboxes = new MaildirStore(maildirs, ids, spool::recordDeletions);
        this.seats = new LocalSeats(seatsPerAddress);
    }

    @Override
    public Spool spool() {
        return spool;
    }

    @Override
    public MailboxStore mailboxes() {
        return mailboxes;
    }

    @Override
    public MessageAcceptor acceptor(MessageQueue queue, SuccessNotices notices) {
        return new SpoolingAcceptor(spool, mailboxes, queue, notices, events);
    }

    @Override
    public Seats seats() {
        return seats;
    }

    @Override
    public DestinationBlocks blocks() {
        return DestinationBlocks.NONE;
    }

    @Override
    public Lease lease() {
        return Lease.ALWAYS;
    }

    @Override
    public SharedCounts counts() {
        return SharedCounts.NONE;
    }

    @Override
    public GreylistMemory greylist() {
        return GreylistMemory.NONE;
    }

    @Override
    public Optional<SharedFiles> files() {
        return Optional.empty();
    }

    @Override
    public void addDomain(String domain, @Nullable Path folder) {
        layout.addDomain(domain, folder);
    }

    @Override
    public List<String> checkQueue() {
        return spool.check();
    }

    @Override
    public int copyQueue(Path folder) throws IOException {
        return spool.copyTo(folder);
    }

    @Override
    public void close() {
        // The spool is closed before the mailboxes that it syncs.
        spool.close();
        maildirs.close();
    }
}
