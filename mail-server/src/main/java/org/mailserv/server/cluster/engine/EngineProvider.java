package org.mailserv.server.cluster.engine;

import java.util.Optional;
import java.util.ServiceLoader;

/** Connects to an engine. Implementations come from another jar on the class path, through {@link ServiceLoader}. */
public interface EngineProvider {
    /** The jar with the provider for Apache Cassandra, beside {@code mailserv.jar}. */
    String CASSANDRA_JAR = "mailserv-cassandra.jar";

    /** Returns the provider on the class path, if there is one. */
    static Optional<EngineProvider> find() {
        return ServiceLoader.load(EngineProvider.class, EngineProvider.class.getClassLoader())
                .findFirst();
    }

    /**
     * Connects, checks that the engine keeps what it acknowledges, and creates or upgrades the tables. Waits for an engine that does not answer
     * yet. Blocks.
     *
     * @throws EngineException if the engine does not answer in {@link EngineConfig#startTimeout}, or must not be used as it is
     */
    Engine open(EngineConfig config) throws EngineException;
}
