package org.mailserv.app.config;

import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineProvider;

/**
 * Settings of the place where mail is kept.
 *
 * @param kind the place
 * @param cassandra the connection to the engine, for {@link Kind#CASSANDRA}
 */
public record StoreSettings(Kind kind, EngineConfig cassandra) {
    /** Places where mail is kept. */
    public enum Kind {
        /** The files of this machine. */
        FILES,
        /** The tables that several nodes share in Apache Cassandra. */
        CASSANDRA
    }

    /**
     * Returns the reason why mail cannot be kept there, in a line for the operator, or null if nothing is known that speaks against it.
     */
    public @Nullable String problem() {
        if (kind == Kind.FILES) {
            return null;
        } else if (EngineProvider.find().isEmpty()) {
            return "store.kind = cassandra: " + EngineProvider.CASSANDRA_JAR
                    + " is missing (expected: in the folder of mailserv.jar)";
        }
        return null;
    }

    /** Returns whether other servers may have mail of the same store. */
    public boolean isShared() {
        return kind != Kind.FILES;
    }

    /**
     * Requires that mailboxes are files of this machine, for a command that reads or writes them.
     *
     * @throws StartupException if they are elsewhere: the command would work on files that no server reads
     */
    public void requireFiles() throws StartupException {
        if (kind != Kind.FILES) {
            throw new StartupException(
                    "store.kind = cassandra: mailboxes are in Cassandra, which this command cannot read"
                            + " or change (expected: store.kind = files)");
        }
    }
}
