package org.mailserv.server.store.file;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.testing.contract.SpoolContract;

class FileSpoolContractTest extends SpoolContract {
    private final SealedIds ids = SealedIds.withoutKey();

    @TempDir
    Path folder;

    private FileStore store;

    @Override
    protected Spool open() {
        closeStore();
        store = FileStores.in(folder, ids);
        return store.spool();
    }

    @AfterEach
    void closeStore() {
        if (store != null) {
            store.close();
        }
    }
}
