package org.mailserv.server.cluster.memory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.cluster.table.SharedTablesContract;

/** The tables that the simulation uses keep the same promises as those of an engine. */
class MemoryTablesTest extends SharedTablesContract {
    private final AtomicLong millis = new AtomicLong(1_795_737_600_000L);
    private final SharedTables tables = new MemoryTables(millis::get).through(Network.DIRECT);

    @Override
    protected SharedTables tables() {
        return tables;
    }

    @Override
    protected void pass(Duration time) {
        millis.addAndGet(time.toMillis() + 1);
    }
}
