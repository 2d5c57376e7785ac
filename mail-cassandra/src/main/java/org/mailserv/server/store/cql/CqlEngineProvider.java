package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.cluster.engine.EngineProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to Apache Cassandra. Found by {@link java.util.ServiceLoader}. */
public final class CqlEngineProvider implements EngineProvider {
    private static final Logger LOG = LoggerFactory.getLogger(CqlEngineProvider.class);
    private static final long RETRY_MILLIS = 2000;

    @Override
    public Engine open(EngineConfig config) throws EngineException {
        try {
            CqlSession session = connect(config);
            try {
                SchemaUpgrade schema = new SchemaUpgrade(session, config, Schema.MIGRATIONS);
                schema.createKeyspace();
                new EngineChecks(session, config).run();
                schema.run();
                return new CqlEngine(session, prepare(session, config));
            } catch (EngineException | InterruptedException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (DriverException e) {
            throw new EngineException(
                    "Cassandra did not complete the start of this server: " + reason(e)
                            + ". Look for engine nodes that are down (nodetool status), and start this server again.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("The start was interrupted.", e);
        }
    }

    /** Prepares all statements. An engine node that was away while the tables were made learns of them a little later. */
    private static CqlTables prepare(CqlSession session, EngineConfig config) throws InterruptedException {
        long end = System.nanoTime() + config.startTimeout().toNanos();
        while (true) {
            try {
                return new CqlTables(new Requests(session, config.keyspace()));
            } catch (DriverException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                LOG.warn("event=engine-not-ready keyspace={} reason=\"{}\"", config.keyspace(), reason(e));
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    /** Connects, and waits for an engine that is not up yet: after a power failure everything starts at once. */
    private static CqlSession connect(EngineConfig config) throws EngineException, InterruptedException {
        CqlSessionBuilder builder = builder(config);
        long end = System.nanoTime() + config.startTimeout().toNanos();
        while (true) {
            try {
                return builder.build();
            } catch (AllNodesFailedException e) {
                if (isRefused(e)) {
                    throw new EngineException(
                            "Cassandra refuses the login of user " + config.user()
                                    + ". Correct store.cassandra.user and password.",
                            e);
                }
                if (System.nanoTime() > end) {
                    throw new EngineException(
                            "No Cassandra node answers at " + String.join(", ", config.contactPoints()) + ": "
                                    + reason(e) + ". Check store.cassandra.contact-points, tls, and the engine nodes.",
                            e);
                }
                LOG.warn("event=engine-unreachable contact-points={} reason=\"{}\"", config.contactPoints(), reason(e));
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private static CqlSessionBuilder builder(EngineConfig config) throws EngineException {
        CqlSessionBuilder builder = CqlSession.builder()
                .withClassLoader(CqlEngineProvider.class.getClassLoader())
                .withConfigLoader(DriverSettings.of(config))
                .withApplicationName("mailserv");
        for (String point : config.contactPoints()) {
            builder.addContactPoint(
                    InetSocketAddress.createUnresolved(EngineConfig.host(point), EngineConfig.port(point)));
        }
        String user = config.user();
        String password = config.password();
        if (user != null && password != null) {
            builder.withAuthCredentials(user, password);
        }
        if (config.tls()) {
            builder.withSslEngineFactory(
                    new ProgrammaticSslEngineFactory(EngineTls.context(config.caFile()), null, true));
        }
        return builder;
    }

    private static boolean isRefused(AllNodesFailedException failure) {
        return failure.getAllErrors().values().stream()
                .flatMap(List::stream)
                .anyMatch(AuthenticationException.class::isInstance);
    }

    /** Returns the causes in one line, the innermost of each node. */
    private static String reason(DriverException failure) {
        List<String> reasons = new ArrayList<>();
        if (failure instanceof AllNodesFailedException all) {
            all.getAllErrors()
                    .forEach((node, errors) -> reasons.add(node.getEndPoint() + " "
                            + innermost(errors.isEmpty() ? failure : errors.get(errors.size() - 1))));
        }
        return reasons.isEmpty() ? innermost(failure) : String.join("; ", reasons);
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
