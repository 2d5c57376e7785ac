package org.mailserv.app.server;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.vacation.VacationResponder;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.MailStore;

/** The store: the spool, the mailboxes, and what other nodes may share. */
final class StoreStage {
    private final MailStore store;
    private final @Nullable ReplyingStore replying;
    private final DiskLanes readers;
    private final SharedFilesStage shared;

    /** Opens the store, whose spool is started later. The data folder is locked. Blocks. */
    StoreStage(MailservConfig config, DataFolder folder, MailEvents events, OpenResources resources)
            throws IOException, StartupException {
        MailStore opened = resources.add(folder.openStore(events));
        // Nodes of a cluster deliver in their own way, and do not answer.
        replying = opened.files().isEmpty() ? new ReplyingStore(opened, events) : null;
        store = replying == null ? opened : replying;
        shared = new SharedFilesStage(config, folder, new RealDisk(), store, resources);
        readers = resources.add(
                new DiskLanes("pop3", config.spool().lanes(), config.spool().laneQueue()));
    }

    /** Adds the mailbox folders of the domains that a reload adds. */
    void addDomains(MailservConfig now, MailservConfig next) {
        next.domains().forEach((name, domain) -> {
            if (!now.domains().containsKey(name)) {
                store.addDomain(name, domain.absolutePath());
            }
        });
    }

    /** Sets the responder that sees each delivered message. */
    void answerBy(VacationResponder responder) {
        if (replying != null) {
            replying.answerBy(responder);
        }
    }

    /** Begins to share files with the other servers, if there are any, as {@link SharedFilesStage#start} says. */
    void shareFiles(DkimKeys keys, Runnable reload) {
        shared.start(keys, reload);
    }

    MailStore store() {
        return store;
    }

    MailboxStore mailboxes() {
        return store.mailboxes();
    }

    Spool spool() {
        return store.spool();
    }

    /** Returns the executor for POP3's disk access. */
    Executor mailboxReader() {
        return task -> readers.any().execute(task);
    }
}
