package org.mailserv.server.cluster.engine;

import java.util.List;
import org.mailserv.server.cluster.table.SharedTables;

/** A connection to a running engine. Thread-safe. */
public interface Engine extends AutoCloseable {
    /** Returns the tables. */
    SharedTables tables();

    /** Returns the engine nodes that this connection knows of, by address. Does not block. */
    List<EngineNode> nodes();

    /** Closes all connections. Requests under way fail. Blocks for some seconds at most; may be called twice. */
    @Override
    void close();

    /**
     * One node of the engine.
     *
     * @param address where it accepts clients, {@code host:port}
     * @param datacenter its data centre, or an empty text while it is not known
     * @param version the version of the engine, or an empty text while it is not known
     * @param isUp true if this server is connected to it
     */
    record EngineNode(String address, String datacenter, String version, boolean isUp) {}
}
