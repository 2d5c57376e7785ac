package org.mailserv.app.server;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.mailbox.maildir.MaildirStore;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.file.FileSpool;

/** The spool and the mailboxes. */
final class StoreStage {
    private final MaildirLayout layout;
    private final MaildirStore mailboxes;
    private final FileSpool spool;
    private final DiskLanes readers;

    /** Opens the spool, which is recovered later, and the mailboxes. The data folder is locked. Blocks. */
    StoreStage(MailservConfig config, DataFolder folder, Disk disk, OpenResources resources)
            throws IOException, SpoolException {
        int lanes = config.spool().lanes();
        int queue = config.spool().laneQueue();
        SealedIds ids = folder.ids();
        layout = folder.layout();
        LocalMaildirs maildirs = resources.add(new LocalMaildirs(layout, disk, lanes, queue));
        // The spool is closed before the mailboxes it syncs.
        spool = resources.add(new FileSpool(folder.spoolConfig(), disk, maildirs, ids));
        mailboxes = new MaildirStore(maildirs, ids, spool::recordDeletions);
        readers = resources.add(new DiskLanes("pop3", lanes, queue));
    }

    /** Adds the mailbox folders of the domains that a reload adds. */
    void addDomains(MailservConfig now, MailservConfig next) {
        next.domains().forEach((name, domain) -> {
            if (!now.domains().containsKey(name)) {
                layout.addDomain(name, domain.absolutePath());
            }
        });
    }

    MaildirStore mailboxes() {
        return mailboxes;
    }

    FileSpool spool() {
        return spool;
    }

    /** Returns the executor for POP3's disk access. */
    Executor mailboxReader() {
        return task -> readers.any().execute(task);
    }
}
