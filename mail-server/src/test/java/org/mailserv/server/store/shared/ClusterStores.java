package org.mailserv.server.store.shared;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.mailserv.server.cluster.ClusterSettings;
import org.mailserv.server.cluster.ClusterTiming;
import org.mailserv.server.cluster.StoreSettings;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.event.MailEvents;

/** Opens the stores of nodes over tables, with times short enough for tests. */
public final class ClusterStores {
    public static final ClusterTiming QUICK = new ClusterTiming(
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofHours(1),
            Duration.ofSeconds(60),
            Duration.ofMillis(50));

    private ClusterStores() {}

    /** Returns the store of a node. Its journal takes messages of up to 64 KiB. */
    public static SharedStore open(SharedTables tables, String node) throws IOException {
        ClusterSettings settings = new ClusterSettings("test", node, "", QUICK, 4, 16 << 20);
        return new SharedStore(
                new Unclosed(tables),
                new StoreSettings(settings, 64 << 10, 8 << 20, Duration.ofSeconds(30), Duration.ofSeconds(10)),
                InetAddress.getLoopbackAddress(),
                () -> 2,
                MailEvents.NONE);
    }

    /** An engine that the test owns. */
    private record Unclosed(SharedTables tables) implements Engine {
        @Override
        public List<EngineNode> nodes() {
            return List.of();
        }

        @Override
        public void close() {
            // The test closes it.
        }
    }
}
