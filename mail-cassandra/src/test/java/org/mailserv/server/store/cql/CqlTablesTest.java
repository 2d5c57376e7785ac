package org.mailserv.server.store.cql;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.cluster.table.SharedTablesContract;
import org.mailserv.server.store.cql.testing.OneCassandra;

/** The tables on a real engine keep the contract. */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
@DisplayName("Tables on Apache Cassandra")
class CqlTablesTest extends SharedTablesContract {
    private static Engine engine;

    @BeforeAll
    static void open() throws Exception {
        engine = new CqlEngineProvider().open(OneCassandra.config());
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Override
    protected SharedTables tables() {
        return engine.tables();
    }
}
