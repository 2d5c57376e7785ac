package org.mailserv.server.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.disk.FaultyDisk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.QueuedMessage;

/** Disks that fail: what was acknowledged is somewhere, whole; what was refused is nowhere; and the spool goes on by itself. */
@Timeout(120)
class DiskFaultTest {
    private static final String LARGE = "Subject: large\r\n\r\n" + "0123456789abcde\r\n".repeat(500);

    @TempDir
    Path folder;

    private final Map<String, Boolean> outcomes = new LinkedHashMap<>();

    private void accept(SpoolFixture fixture, String marker, String text, boolean local) {
        String whole = "Marker: " + marker + "\r\n" + text;
        boolean acknowledged;
        try {
            SpoolFixture.get(
                    local
                            ? fixture.accept(
                                    whole, SpoolFixture.local(SpoolFixture.DOUG), SpoolFixture.local(SpoolFixture.KIM))
                            : fixture.accept(whole, SpoolFixture.remote("a@far.example")));
            acknowledged = true;
        } catch (IllegalStateException e) {
            acknowledged = false;
        }
        outcomes.put(marker, acknowledged);
    }

    private int scenario(Path root, FaultyDisk disk, int failing, String reason) throws Exception {
        outcomes.clear();
        try (SpoolFixture fixture = new SpoolFixture(root, disk, Duration.ofMillis(1))) {
            int before = disk.changes();
            disk.failAt(failing < 0 ? -1 : before + failing, reason);
            accept(fixture, "one", "Subject: a\r\n\r\ntext\r\n", true);
            accept(fixture, "two", LARGE, true);
            accept(fixture, "three", "Subject: b\r\n\r\ntext\r\n", false);
            accept(fixture, "four", LARGE, false);
            deleteFirst(fixture);
            accept(fixture, "five", "Subject: c\r\n\r\ntext\r\n", true);
            return disk.changes() - before;
        }
    }

    private static void deleteFirst(SpoolFixture fixture) throws Exception {
        Maildrop maildrop =
                SpoolFixture.get(fixture.mailboxes.open(SpoolFixture.KIM).toCompletableFuture());
        if (maildrop.size() > 0) {
            BitSet first = new BitSet();
            first.set(0, maildrop.size());
            try {
                SpoolFixture.get(maildrop.delete(first).toCompletableFuture());
            } catch (IllegalStateException e) {
                // It may fail; Doug's copies have to be there in any case.
            }
        }
        maildrop.close();
    }

    /** Everything that is found, by marker. */
    private Map<String, List<String>> found(Path root) throws Exception {
        Map<String, List<String>> found = new TreeMap<>();
        try (SpoolFixture fixture = new SpoolFixture(root, new RealDisk(), Duration.ofMinutes(1))) {
            for (QueuedMessage message : fixture.recovered) {
                String name = message.id().toString();
                note(
                        found,
                        root.resolve("spool/queue")
                                .resolve(name.substring(0, 2))
                                .resolve(name),
                        "queue");
            }
        }
        for (String user : List.of("doug", "kim")) {
            Path fresh = root.resolve("domains/example.org").resolve(user).resolve("new");
            if (Files.isDirectory(fresh)) {
                try (Stream<Path> files = Files.list(fresh)) {
                    for (Path file : files.toList()) {
                        note(found, file, user);
                    }
                }
            }
        }
        return found;
    }

    private static void note(Map<String, List<String>> found, Path file, String where) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("Trace: x\r\nMarker: ");
        String rest = at < 0 ? "" : text.substring(at + "Trace: x\r\nMarker: ".length());
        int end = rest.indexOf("\r\n");
        String marker = end < 0 ? "half: " + file : rest.substring(0, end);
        String body = end < 0 ? "" : rest.substring(end + 2);
        boolean whole = body.equals(LARGE) || body.matches("(?s)Subject: [abc]\r\n\r\ntext\r\n");
        found.computeIfAbsent(whole ? marker : "half " + marker, key -> new ArrayList<>())
                .add(where);
    }

    private static List<Path> strays(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> root.relativize(file).toString().matches(".*/tmp/.*|.*/incoming/.*|.*[.]tmp"))
                    .toList();
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input/output error", "No space left on device"})
    @DisplayName(
            "M14, F3: at each change of the disk that fails, what was acknowledged is there and what was refused is not")
    void eachChangeMayFail(String reason) throws Exception {
        int changes = scenario(folder.resolve("whole"), new FaultyDisk(), -1, reason);
        assertThat(outcomes.values()).doesNotContain(false);
        int refused = 0;
        for (int failing = 0; failing < changes + 5; failing++) {
            Path root = folder.resolve("at-" + failing);
            scenario(root, new FaultyDisk(), failing, reason);
            Map<String, List<String>> found = found(root);
            for (Map.Entry<String, Boolean> outcome : outcomes.entrySet()) {
                String at = outcome + " when change " + failing + " fails: " + found;
                List<String> places = found.getOrDefault(outcome.getKey(), List.of());
                if (outcome.getValue()) {
                    assertThat(places).as(at).containsAnyOf("doug", "queue");
                } else {
                    refused++;
                    assertThat(places).as(at).isEmpty();
                }
            }
            assertThat(found.keySet()).as("change %d", failing).noneMatch(marker -> marker.startsWith("half"));
            assertThat(strays(root)).as("change %d", failing).isEmpty();
            deleteTree(root);
        }
        System.out.println("changes that failed: " + (changes + 5) + ", refused: " + refused);
        assertThat(refused).isPositive();
    }

    private List<Path> mail(String user) throws IOException {
        Path fresh = folder.resolve("domains/example.org").resolve(user).resolve("new");
        if (!Files.isDirectory(fresh)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(fresh)) {
            return files.toList();
        }
    }

    @Test
    @DisplayName("a mailbox file that cannot be synced is written again: a second sync of lost pages would say yes")
    void whatCannotBeSyncedIsWrittenAgain() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (SpoolFixture fixture = new SpoolFixture(folder, disk, Duration.ofMillis(1))) {
            disk.fail(change -> {
                if (!change.startsWith("sync ") || !change.contains("/doug/new/")) {
                    return false;
                }
                // As the kernel does it: the error is told once, and the pages are gone.
                Path file = Path.of(change.substring("sync ".length()));
                try {
                    if (Files.size(file) == 0) {
                        return false;
                    } else if (Files.readString(file).contains("Marker: lost")) {
                        Files.write(file, new byte[0]);
                        disk.heal();
                        return true;
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                return false;
            });
            accept(fixture, "lost", "Subject: a\r\n\r\ntext\r\n", true);
            await().until(() -> Files.size(mail("doug").get(0)) > 0 && disk.changes() > 0);
        }
        assertThat(found(folder).get("lost")).contains("doug", "kim");
    }

    @Test
    @DisplayName("a mailbox whose disk is dead gives its mail back to the queue, and nobody waits for it")
    void aDeadMailboxDisk() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (SpoolFixture fixture = new SpoolFixture(folder, disk, Duration.ofMillis(1))) {
            disk.fail(change -> change.contains("/doug/") && change.startsWith("sync"));
            accept(fixture, "one", "Subject: a\r\n\r\ntext\r\n", true);
            await().until(() -> fixture.recovered.size() == 1);
            disk.fail(change -> change.contains("/doug/"));
            for (int i = 0; i < 20; i++) {
                accept(fixture, "more" + i, "Subject: b\r\n\r\ntext\r\n", true);
            }
            assertThat(outcomes.values()).doesNotContain(false);
            await().until(() -> fixture.queued.size() == 20);
        }
        Map<String, List<String>> found = found(folder);
        assertThat(found.get("one")).contains("queue", "kim");
        assertThat(found.get("more19")).contains("queue", "kim");
        assertThat(mail("kim")).hasSize(21);
    }

    @Test
    @DisplayName("a deletion that the mailbox's disk refuses is done when it is back, and keeps nobody waiting")
    void aDeletionWaitsForItsDisk() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        try (SpoolFixture fixture = new SpoolFixture(folder, disk, Duration.ofMillis(1))) {
            accept(fixture, "one", "Subject: a\r\n\r\ntext\r\n", true);
            disk.fail(change -> change.startsWith("delete") && change.contains("/kim/"));
            deleteFirst(fixture);
            for (int i = 0; i < 500; i++) {
                accept(fixture, "more" + i, LARGE.substring(0, 4000), false);
            }
            assertThat(outcomes.values()).doesNotContain(false);
            assertThat(mail("kim")).hasSize(1);
            disk.heal();
            await().until(() -> mail("kim").isEmpty());
        }
    }

    @Test
    @DisplayName("a mailbox that was removed behind our back is made again, and holds up nothing")
    void aMailboxThatIsGone() throws Exception {
        try (SpoolFixture fixture = new SpoolFixture(folder, new FaultyDisk(), Duration.ofMillis(1))) {
            accept(fixture, "one", "Subject: a\r\n\r\ntext\r\n", true);
            deleteTree(folder.resolve("domains/example.org/doug"));
            accept(fixture, "two", "Subject: b\r\n\r\ntext\r\n", true);
            assertThat(fixture.queued).isEmpty();
            assertThat(mail("doug")).hasSize(1);
        }
        assertThat(found(folder).get("two")).contains("doug", "kim");
        try (Stream<Path> segments = Files.list(folder.resolve("spool/journal"))) {
            for (Path segment : segments.toList()) {
                assertThat(Files.readAllBytes(segment)).startsWith(new byte[20]);
            }
        }
    }
}
