package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.StoredMessage;

/**
 * The Maildir folders as the spool sees them: deliveries, their durability, and deletions. It owns the threads of {@link MaildirStore}, and
 * is closed after the spool.
 */
public final class LocalMaildirs implements LocalMailboxes, AutoCloseable {
    private final MaildirLayout layout;
    private final Disk disk;
    private final MailboxLanes lanes;
    private final MaildirDelivery delivery;
    private final MaildirSync sync;

    /**
     * @param threads that read and write mailbox files, at least 1
     * @param queueLength tasks that may wait for each thread
     * @param events receives failed deliveries
     */
    public LocalMaildirs(MaildirLayout layout, Disk disk, int threads, int queueLength, MailEvents events) {
        this.layout = layout;
        this.disk = disk;
        this.lanes = new MailboxLanes(threads, queueLength);
        MaildirFolders folders = new MaildirFolders(disk);
        this.delivery = new MaildirDelivery(layout, disk, folders, events);
        this.sync = new MaildirSync(layout, disk, folders);
    }

    MaildirLayout layout() {
        return layout;
    }

    Disk disk() {
        return disk;
    }

    MailboxLanes lanes() {
        return lanes;
    }

    MaildirDelivery delivery() {
        return delivery;
    }

    @Override
    public Set<MailboxName> redeliver(StoredMessage message, List<MailboxName> mailboxes) {
        return delivery.redeliver(message, mailboxes);
    }

    @Override
    public List<Delivered> sync(Collection<Delivered> deliveries) {
        return sync.sync(deliveries);
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

    /** Lets the tasks that were accepted finish. Blocks. */
    @Override
    public void close() {
        lanes.close();
        sync.close();
    }
}
