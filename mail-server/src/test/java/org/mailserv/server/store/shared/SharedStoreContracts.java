package org.mailserv.server.store.shared;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.Seats;
import org.mailserv.server.store.SharedCounts;
import org.mailserv.server.store.SharedFiles;
import org.mailserv.server.testing.CollectingQueue;
import org.mailserv.server.testing.contract.MailboxStoreContract;
import org.mailserv.server.testing.contract.SeatsContract;
import org.mailserv.server.testing.contract.SharedCountsContract;
import org.mailserv.server.testing.contract.SharedFilesContract;
import org.mailserv.server.testing.contract.SpoolContract;

/** The contracts of everything that nodes share, over the tables of a subclass. */
public abstract class SharedStoreContracts {
    private final List<SharedStore> stores = new ArrayList<>();

    /** Returns the tables, the same for one test. */
    protected abstract SharedTables tables() throws Exception;

    private SharedStore store(String node) throws Exception {
        SharedStore store = ClusterStores.open(tables(), node);
        stores.add(store);
        return store;
    }

    @AfterEach
    void closeStores() {
        stores.forEach(SharedStore::close);
    }

    @Nested
    @DisplayName("spool")
    class SpoolPart extends SpoolContract {
        private final String node = "n" + QueueId.random();

        @Override
        protected Spool open() throws Exception {
            return store(node).spool();
        }
    }

    @Nested
    @DisplayName("mailboxes of two nodes")
    class MailboxPart extends MailboxStoreContract {
        @Override
        protected MailboxStore open() throws Exception {
            SharedStore store = store("n" + QueueId.random());
            store.spool().start(new CollectingQueue());
            return store.mailboxes();
        }

        @Override
        protected QueueId nextId() {
            return QueueId.random();
        }
    }

    @Nested
    @DisplayName("seats")
    class SeatsPart extends SeatsContract {
        @Override
        protected Seats open() throws Exception {
            return store("one").seats();
        }
    }

    @Nested
    @DisplayName("counts")
    class CountsPart extends SharedCountsContract {
        @Override
        protected SharedCounts node(String name) throws Exception {
            return store(name).counts();
        }

        @Override
        protected boolean isShared() {
            return true;
        }
    }

    @Nested
    @DisplayName("files")
    class FilesPart extends SharedFilesContract {
        @Override
        protected SharedFiles open() throws Exception {
            return store("one").files().orElseThrow();
        }
    }
}
