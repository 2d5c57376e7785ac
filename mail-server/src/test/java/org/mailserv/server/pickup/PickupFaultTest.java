package org.mailserv.server.pickup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.disk.FaultyDisk;

/** Disks that fail under the pickup folder: a file stays, or is sent. */
@Timeout(120)
class PickupFaultTest {
    private static final String TEXT = "Marker: %s\n\ntext\n";
    private static final String LARGE = "Marker: %s\n\n" + "0123456789abcde\n".repeat(500);
    private static final String BAD = "no\nsense @ all\nMarker: bad\n";

    @TempDir
    Path folder;

    private final Map<String, Boolean> outcomes = new LinkedHashMap<>();

    private void drop(FaultyDisk disk, Path pickup, String name, byte[] content) {
        boolean done;
        try {
            PickupDrop.write(disk, pickup, name, content);
            done = true;
        } catch (IOException e) {
            done = false;
        }
        outcomes.put(name, done);
    }

    private int scenario(Path root, FaultyDisk disk, int failing, String reason) throws Exception {
        outcomes.clear();
        try (PickupFixture fixture = new PickupFixture(root, disk, Duration.ofMillis(1))) {
            int before = disk.changes();
            disk.failAt(failing < 0 ? -1 : before + failing, reason);
            drop(disk, fixture.folder, "one", PickupFixture.file("kim@example.org", TEXT.formatted("one")));
            drop(disk, fixture.folder, "two", PickupFixture.file("a@far.example", TEXT.formatted("two")));
            drop(disk, fixture.folder, "three", PickupFixture.file("kim@example.org", LARGE.formatted("three")));
            drop(disk, fixture.folder, "bad", BAD.getBytes(StandardCharsets.US_ASCII));
            fixture.awaitEmpty();
            return disk.changes() - before;
        }
    }

    /** Stopped and started again, on a disk that is well. */
    private PickupFixture.Found found(Path root) throws Exception {
        try (PickupFixture fixture = new PickupFixture(root, new FaultyDisk(), Duration.ofMinutes(1))) {
            fixture.awaitEmpty();
        }
        return PickupFixture.found(root);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input/output error", "No space left on device"})
    @DisplayName("F1, M12: at each change of the disk that fails, a file that was dropped is sent, whole")
    void eachChangeMayFail(String reason) throws Exception {
        int changes = scenario(folder.resolve("whole"), new FaultyDisk(), -1, reason);
        assertThat(outcomes.values()).doesNotContain(false);
        int refused = 0;
        for (int failing = 0; failing < changes + 5; failing++) {
            Path root = folder.resolve("at-" + failing);
            scenario(root, new FaultyDisk(), failing, reason);
            PickupFixture.Found found = found(root);
            String at = "change " + failing + " fails";
            for (String name : List.of("one", "two", "three")) {
                String text =
                        (name.equals("three") ? LARGE : TEXT).formatted(name).replace("\n", "\r\n");
                refused += outcomes.get(name) ? 0 : 1;
                assertThat(found.texts().stream().filter(one -> one.startsWith("Marker: " + name)))
                        .as(at)
                        .allMatch(text::equals)
                        .hasSizeGreaterThanOrEqualTo(outcomes.get(name) ? 1 : 0);
            }
            assertThat(found.texts()).as(at).noneMatch(text -> text.startsWith("half") || text.contains("bad"));
            if (outcomes.get("bad")) {
                assertThat(found.refused().get("bad")).as(at).isEqualTo(BAD);
                assertThat(found.refused().get("bad.reason")).as(at).contains("no address");
            }
            try (Stream<Path> files = Files.walk(PickupFixture.folder(root))) {
                assertThat(files).as(at).noneMatch(file -> file.toString().endsWith(".tmp"));
            }
        }
        System.out.println("changes under pickup that failed: " + (changes + 5) + ", refused: " + refused);
        assertThat(refused).isPositive();
    }

    @Test
    @DisplayName("a file that the disk does not let go is sent once")
    void aFileThatCannotBeRemoved() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (PickupFixture fixture = new PickupFixture(folder, disk, Duration.ofMinutes(1))) {
            disk.fail(change -> change.startsWith("delete") && change.contains("/claimed/"));
            drop(disk, fixture.folder, "one", PickupFixture.file("kim@example.org", TEXT.formatted("one")));
            drop(disk, fixture.folder, "two", PickupFixture.file("kim@example.org", TEXT.formatted("two")));
            int before = disk.changes();
            // Several looks at the folder.
            await().pollInterval(Duration.ofMillis(1)).until(() -> disk.changes() > before + 20);
            disk.heal();
            fixture.awaitEmpty();
        }
        assertThat(PickupFixture.found(folder).texts()).hasSize(2);
    }

    @Test
    @DisplayName("while the spool's disk is full, files stay; then each is sent once")
    void aFullDisk() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (PickupFixture fixture = new PickupFixture(folder, disk, Duration.ofMinutes(1))) {
            disk.fail(change -> change.contains("/spool/journal"));
            drop(disk, fixture.folder, "one", PickupFixture.file("kim@example.org", TEXT.formatted("one")));
            drop(disk, fixture.folder, "two", PickupFixture.file("a@far.example", TEXT.formatted("two")));
            int before = disk.changes();
            await().pollInterval(Duration.ofMillis(1)).until(() -> disk.changes() > before + 20);
            assertThat(fixture.isEmpty()).isFalse();
            disk.heal();
            fixture.awaitEmpty();
        }
        assertThat(PickupFixture.found(folder).texts()).hasSize(2);
    }
}
