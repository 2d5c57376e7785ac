package org.mailserv.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;

class SealedIdsTest {
    private static final Instant NOW = Instant.parse("2026-11-27T07:00:00Z");
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    private final SealedIds ids = new SealedIds(KEY, clock::get);

    private static List<Long> places(SealedIds of, List<QueueId> made) {
        return made.stream().map(id -> of.microsOf(id.toString())).toList();
    }

    @Test
    @DisplayName("the order is in the ids, also within one tick of the clock and after the clock was set back")
    void keepsTheOrder() {
        List<QueueId> made = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            made.add(ids.next());
        }
        clock.set(NOW.minusSeconds(3600));
        made.add(ids.next());
        clock.set(NOW.plusSeconds(1));
        made.add(ids.next());

        assertThat(places(ids, made)).isSorted().doesNotHaveDuplicates();
        assertThat(places(new SealedIds(KEY, InstantSource.system()), made)).isEqualTo(places(ids, made));
        assertThat(ids.microsOf(made.get(0))).isEqualTo(SealedIds.micros(NOW));
    }

    @Test
    @DisplayName("a run that begins with a clock that was set back goes on after the last one")
    void goesOn() {
        QueueId before = ids.next();
        clock.set(NOW.minusSeconds(86_400));
        SealedIds later = new SealedIds(KEY, clock::get);
        later.notBefore(NOW.plusMillis(1));
        assertThat(later.microsOf(later.next())).isGreaterThan(later.microsOf(before));
    }

    @Test
    @DisplayName("M9: without the key an id says nothing of time or order")
    void isOpaque() {
        List<QueueId> made = Stream.generate(ids::next).limit(1000).toList();
        int ascents = 0;
        int[] firsts = new int[128];
        for (int i = 1; i < made.size(); i++) {
            ascents += made.get(i - 1).compareTo(made.get(i)) < 0 ? 1 : 0;
            firsts[made.get(i).toString().charAt(0)]++;
        }
        assertThat(ascents).isBetween(400, 600);
        assertThat(Arrays.stream(firsts).max().orElseThrow()).isLessThan(100);
        assertThat(new HashSet<>(made)).hasSize(1000);
        assertThat(places(SealedIds.withoutKey(), made)).containsOnly(SealedIds.UNKNOWN);
    }

    @Test
    @DisplayName("ids of earlier versions, and names of other programs, have no place")
    void knowsItsOwn() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            assertThat(ids.microsOf(QueueId.random(random))).isEqualTo(SealedIds.UNKNOWN);
        }
        assertThat(ids.microsOf("1600000001.M1P1.host")).isEqualTo(SealedIds.UNKNOWN);
        assertThat(ids.microsOf("iiiiiiiiiiiiiiii")).isEqualTo(SealedIds.UNKNOWN);
        for (long micros : new long[] {0, 1, 4095, 4096, 1_600_000_000_000_000L, (1L << 52) - 1}) {
            assertThat(ids.microsOf(ids.at(micros))).isEqualTo(micros);
        }
    }

    @Test
    @DisplayName("the key is made once, for its owner alone; a damaged one is said and not replaced")
    void keepsTheKey(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("order-key");
        byte[] key = SealedIds.keyIn(file, new RealDisk());
        assertThat(SealedIds.keyIn(file, new RealDisk())).isEqualTo(key).hasSize(SealedIds.KEY_LENGTH);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        for (String damaged : new String[] {"", "?", "AAAA"}) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> SealedIds.keyIn(file, new RealDisk()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("order-key: no key");
        }
    }
}
