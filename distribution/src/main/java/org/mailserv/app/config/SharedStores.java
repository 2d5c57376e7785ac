package org.mailserv.app.config;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.mailserv.server.cluster.ClusterSettings;
import org.mailserv.server.cluster.ClusterTiming;
import org.mailserv.server.cluster.StoreSettings;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.engine.EngineException;
import org.mailserv.server.cluster.engine.EngineProvider;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.store.shared.SharedStore;

/** Opens the store that several servers share, as the settings say. */
public final class SharedStores {
    private static final String CLUSTER = "mailserv";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration LEAVE = Duration.ofSeconds(15);

    private SharedStores() {}

    /** Opens the store. Waits for an engine that does not answer yet. Blocks. */
    static SharedStore open(MailservConfig config, MailEvents events) throws StartupException, IOException {
        int seats = config.relay().maxConnectionsPerMx();
        Engine engine = openEngine(config);
        InetAddress address = ownAddress(config.store().cassandra().contactPoints());
        return new SharedStore(engine, settings(config), address, () -> seats, events);
    }

    /** Returns the address of this machine on the way to the engine. Sends nothing. */
    private static InetAddress ownAddress(List<String> contactPoints) throws IOException {
        String point = contactPoints.get(0);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(EngineConfig.host(point), EngineConfig.port(point)));
            return socket.getLocalAddress();
        }
    }

    /** Connects to the engine. Blocks. */
    public static Engine openEngine(MailservConfig config) throws StartupException {
        Optional<EngineProvider> provider = EngineProvider.find();
        if (provider.isEmpty()) {
            throw new StartupException(
                    EngineProvider.CASSANDRA_JAR + " is missing (expected: in the folder of mailserv.jar)");
        }
        try {
            return provider.get().open(config.store().cassandra());
        } catch (EngineException e) {
            throw new StartupException("store.kind = cassandra: " + e.getMessage(), e);
        }
    }

    private static StoreSettings settings(MailservConfig config) {
        MailservConfig.SpoolSettings spool = config.spool();
        String node = Objects.requireNonNullElse(config.cluster().nodeName(), config.hostname());
        return new StoreSettings(
                new ClusterSettings(
                        CLUSTER, node, "", ClusterTiming.DEFAULT, ClusterSettings.SHARDS, spool.memoryLimit()),
                (int) Math.min(spool.inlineLimit(), StoreSettings.MOST_INLINE),
                spool.memoryLimit(),
                START,
                LEAVE);
    }
}
