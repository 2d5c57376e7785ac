package org.mailserv.server.check.reputation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.testing.FakeDns;

class GreylistTest {
    private static final InetAddress CLIENT = FakeDns.address("203.0.113.7");
    private static final InetAddress NEIGHBOUR = FakeDns.address("203.0.113.99");

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private Greylist open() throws IOException {
        return new Greylist(GreylistConfig.defaults(), folder.resolve("greylist"), new RealDisk(), () -> now);
    }

    @Test
    @DisplayName("U14: Who comes back is known, with its network, over a restart, for its time")
    void comesBack() throws IOException {
        Greylist list = open();
        assertThat(list.admits(CLIENT, "a@b.example", "c@d.example")).isFalse();
        assertThat(list.admits(CLIENT, "a@b.example", "c@d.example")).isFalse();
        list.save();
        now = now.plus(Duration.ofMinutes(2));
        list = open();
        assertThat(list.admits(NEIGHBOUR, "A@b.example", "other@d.example")).isFalse();
        assertThat(list.admits(NEIGHBOUR, "A@b.example", "c@d.example")).isTrue();
        list.save();
        list = open();
        assertThat(list.admits(CLIENT, "x@y.example", "c@d.example")).isTrue();
        now = now.plus(Duration.ofDays(40));
        assertThat(list.admits(CLIENT, "x@y.example", "c@d.example")).isFalse();
        now = now.plus(Duration.ofDays(3));
        assertThat(list.admits(CLIENT, "x@y.example", "c@d.example")).isFalse();
    }
}
