package org.mailserv.server.store.shared;

import org.junit.jupiter.api.DisplayName;
import org.mailserv.server.cluster.memory.MemoryTables;
import org.mailserv.server.cluster.memory.Network;
import org.mailserv.server.cluster.table.SharedTables;

@DisplayName("A shared store over tables in memory")
class MemoryStoreTest extends SharedStoreContracts {
    private final SharedTables tables = new MemoryTables(System::currentTimeMillis).through(Network.DIRECT);

    @Override
    protected SharedTables tables() {
        return tables;
    }
}
