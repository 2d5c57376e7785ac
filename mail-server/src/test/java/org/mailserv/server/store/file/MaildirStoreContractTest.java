package org.mailserv.server.store.file;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.testing.CollectingQueue;
import org.mailserv.server.testing.contract.MailboxStoreContract;

class MaildirStoreContractTest extends MailboxStoreContract {
    private final SealedIds ids = SealedIds.withoutKey();

    @TempDir
    Path folder;

    private FileStore store;

    @Override
    protected MailboxStore open() throws Exception {
        if (store == null) {
            store = FileStores.in(folder, ids);
            store.spool().start(new CollectingQueue());
        }
        return store.mailboxes();
    }

    @Override
    protected QueueId nextId() {
        return ids.next();
    }

    @AfterEach
    void closeStore() {
        if (store != null) {
            store.close();
            store = null;
        }
    }
}
