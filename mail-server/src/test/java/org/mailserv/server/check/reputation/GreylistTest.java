package org.mailserv.server.check.reputation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.store.GreylistMemory;
import org.mailserv.server.testing.FakeDns;

class GreylistTest {
    private static final InetAddress CLIENT = FakeDns.address("203.0.113.7");
    private static final InetAddress NEIGHBOUR = FakeDns.address("203.0.113.99");

    @TempDir
    Path folder;

    private GreylistMemory memory = GreylistMemory.NONE;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private Greylist open() throws IOException {
        return new Greylist(GreylistConfig.defaults(), folder.resolve("greylist"), new RealDisk(), () -> now, memory);
    }

    private static boolean admits(Greylist list, InetAddress client, String sender, String recipient) {
        return list.admits(client, sender, recipient).toCompletableFuture().join();
    }

    @Test
    @DisplayName("A second attempt counts at another node, and a network that is good there is good here")
    void anotherNodeKnows() throws IOException {
        memory = new SharedMemory();
        Greylist one = open();
        Greylist other =
                new Greylist(GreylistConfig.defaults(), folder.resolve("other"), new RealDisk(), () -> now, memory);
        assertThat(admits(one, CLIENT, "a@b.example", "c@d.example")).isFalse();
        assertThat(admits(other, CLIENT, "a@b.example", "c@d.example")).isFalse();
        now = now.plus(Duration.ofMinutes(2));
        assertThat(admits(other, CLIENT, "a@b.example", "c@d.example")).isTrue();
        assertThat(admits(one, NEIGHBOUR, "x@y.example", "c@d.example")).isTrue();
    }

    /** The knowledge of all nodes in a map. */
    private static final class SharedMemory implements GreylistMemory {
        private final Map<String, Long> entries = new HashMap<>();

        @Override
        public CompletionStage<Long> find(Kind kind, String key) {
            return CompletableFuture.completedFuture(entries.get(kind + key));
        }

        @Override
        public void put(Kind kind, String key, long time, Duration keep) {
            entries.put(kind + key, time);
        }
    }

    @Test
    @DisplayName("U14: Who comes back is known, with its network, over a restart, for its time")
    void comesBack() throws IOException {
        Greylist list = open();
        assertThat(admits(list, CLIENT, "a@b.example", "c@d.example")).isFalse();
        assertThat(admits(list, CLIENT, "a@b.example", "c@d.example")).isFalse();
        list.save();
        now = now.plus(Duration.ofMinutes(2));
        list = open();
        assertThat(admits(list, NEIGHBOUR, "A@b.example", "other@d.example")).isFalse();
        assertThat(admits(list, NEIGHBOUR, "A@b.example", "c@d.example")).isTrue();
        list.save();
        list = open();
        assertThat(admits(list, CLIENT, "x@y.example", "c@d.example")).isTrue();
        now = now.plus(Duration.ofDays(40));
        assertThat(admits(list, CLIENT, "x@y.example", "c@d.example")).isFalse();
        now = now.plus(Duration.ofDays(3));
        assertThat(admits(list, CLIENT, "x@y.example", "c@d.example")).isFalse();
    }
}
