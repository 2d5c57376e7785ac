package org.mailserv.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.spool.QueueId;

class TrafficTest {
    @TempDir
    Path folder;

    private static void deliver(Traffic traffic, int times, Duration age) {
        for (int i = 0; i < times; i++) {
            traffic.delivered(
                    new LocalDelivery(QueueId.random(), MailboxName.of("ann@sample.org"), Duration.ofMillis(1), age));
        }
    }

    @Test
    @DisplayName("half, 95 and 99 of 100 deliveries were done within the bound of their step")
    void percentiles() {
        Traffic traffic = new Traffic();
        assertThat(traffic.delays(60)).isEqualTo(new Traffic.Percentiles(0, 0, 0, 0));
        deliver(traffic, 90, Duration.ofMillis(50));
        deliver(traffic, 6, Duration.ofSeconds(4));
        deliver(traffic, 4, Duration.ofDays(2));
        assertThat(traffic.delays(60)).isEqualTo(new Traffic.Percentiles(100, 100, 5_000, -1));
    }

    @Test
    @DisplayName("counts and delivery times survive a restart in their minutes, for a day")
    void survivesRestarts() {
        Traffic before = new Traffic();
        deliver(before, 3, Duration.ofSeconds(1));
        before.tick();
        List<String> lines = before.lines(1_000);
        Traffic after = new Traffic();
        after.restore(lines, 1_010);
        assertThat(after.last(60, 60).get(60 - 11).delivered()).isEqualTo(3);
        assertThat(after.delays(60)).isEqualTo(new Traffic.Percentiles(3, 1_000, 1_000, 1_000));
        assertThat(after.delays(5).deliveries()).isZero();
        Traffic late = new Traffic();
        late.restore(lines, 1_000 + Traffic.MINUTES);
        assertThat(late.delays(Traffic.MINUTES).deliveries()).isZero();
        late.restore(List.of("", "999 1", "x y z", lines.get(0) + " 7"), 1_000);
        assertThat(late.delays(Traffic.MINUTES).deliveries()).isZero();
    }

    @Test
    @DisplayName("the file is written at the end, and read at the next start; a damaged one is left out")
    void file() throws Exception {
        Path file = folder.resolve("traffic");
        Traffic before = new Traffic();
        try (TrafficFile kept = new TrafficFile(before, file)) {
            deliver(before, 2, Duration.ofSeconds(1));
        }
        Traffic after = new Traffic();
        new TrafficFile(after, file).close();
        assertThat(after.delays(60).deliveries()).isEqualTo(2);
        Files.write(file, new byte[] {-1, 0, 10, 7});
        Traffic damaged = new Traffic();
        new TrafficFile(damaged, file).close();
        assertThat(damaged.delays(60).deliveries()).isZero();
    }
}
