package org.mailserv.server.pickup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.disk.CrashExplorer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RecordingDisk;

/** What a program has left in the pickup folder is sent, whatever the power takes; twice only where a crash came before its removal. */
@Timeout(180)
class PickupCrashTest {
    private static final String LOCAL = "Marker: local\n\ntext\n";
    private static final String REMOTE = "Marker: remote\n\ntext\n";
    private static final String LARGE = "Marker: large\n\n" + "0123456789abcde\n".repeat(500);
    private static final String BAD = "no\nsense @ all\nMarker: bad\n";

    @TempDir
    Path folder;

    /** Behind so many operations, something has to hold. */
    private record Promise(int operation, String what, Predicate<PickupFixture.Found> holds) {}

    private final List<Promise> promises = new ArrayList<>();
    private final Set<String> whole = new HashSet<>();

    private void drop(RecordingDisk disk, Path root, String name, String recipients, String text) throws Exception {
        String sent = text.replace("\n", "\r\n");
        whole.add(sent);
        PickupDrop.write(disk, PickupFixture.folder(root), name, PickupFixture.file(recipients, text));
        promises.add(new Promise(
                disk.count(), name + " is sent", found -> found.texts().contains(sent)));
    }

    private void awaitRemoved(RecordingDisk disk, PickupFixture fixture) {
        fixture.awaitEmpty();
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> !disk.hasUnsyncedNames(fixture.folder)
                        && !disk.hasUnsyncedNames(fixture.folder.resolve("claimed")));
        for (String sent : Set.copyOf(whole)) {
            promises.add(
                    new Promise(disk.count(), "sent once", found -> Collections.frequency(found.texts(), sent) == 1));
        }
    }

    private RecordingDisk record(Predicate<String> ignoredSync, UnaryOperator<MessageAcceptor> change)
            throws Exception {
        Path root = folder.resolve("live");
        Files.createDirectories(root);
        RecordingDisk disk = new RecordingDisk(root, ignoredSync);
        try (PickupFixture fixture = new PickupFixture(root, disk, Duration.ofMillis(1), change)) {
            drop(disk, root, "local", "kim@example.org", LOCAL);
            drop(disk, root, "remote", "a@far.example", REMOTE);
            drop(disk, root, "large", "kim@example.org", LARGE);
            // A program that has not come to its end.
            disk.create(fixture.folder.resolve(".half.tmp"))
                    .append(StandardCharsets.US_ASCII.encode("s@b.example\nkim@example.org\nMarker: half\n"));
            if (ignoredSync.test("")) {
                fixture.awaitEmpty();
            } else {
                awaitRemoved(disk, fixture);
            }
            drop(disk, root, "again", "kim@example.org", "Marker: first\n\ntext\n");
            await().pollInterval(Duration.ofMillis(1)).until(() -> !Files.exists(fixture.folder.resolve("again")));
            drop(disk, root, "again", "kim@example.org,b@far.example", "Marker: second\n\ntext\n");
            PickupDrop.write(disk, fixture.folder, "bad", BAD.getBytes(StandardCharsets.US_ASCII));
            promises.add(new Promise(
                    disk.count(),
                    "refused with its reason",
                    found -> BAD.equals(found.refused().get("bad"))
                            && found.refused().getOrDefault("bad.reason", "").contains("no address")));
            fixture.awaitEmpty();
        }
        return disk;
    }

    private PickupFixture.Found restart(Path root, Disk disk) throws Exception {
        try (PickupFixture fixture = new PickupFixture(root, disk, Duration.ofMinutes(1))) {
            fixture.awaitEmpty();
        }
        return PickupFixture.found(root);
    }

    private List<String> broken(int operations, PickupFixture.Found found) {
        List<String> broken = new ArrayList<>();
        for (Promise promise : promises) {
            if (promise.operation <= operations && !promise.holds.test(found)) {
                broken.add(promise.what);
            }
        }
        found.texts().stream().filter(text -> !whole.contains(text)).forEach(text -> broken.add("half: " + text));
        return broken;
    }

    private CrashExplorer<PickupFixture.Found> explorer() {
        return new CrashExplorer<>(folder, this::restart);
    }

    @Test
    @DisplayName(
            "F1, M12: whatever the power takes, a file that was dropped is sent, whole, and once when it was removed")
    void everyDroppedFileIsSent() throws Exception {
        RecordingDisk disk = record(sync -> false, acceptor -> acceptor);
        assertThat(explorer().explore(disk, 0, CrashExplorer.SUBSETS / 20, 0, this::broken))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file spool/pickup/.",
                "dir spool/pickup",
                "file spool/pickup/refused/",
                "file spool/journal/segment-"
            })
    @DisplayName("the crash test notices when a sync is missing")
    void aMissingSyncIsNoticed(String ignored) throws Exception {
        RecordingDisk disk = record(sync -> sync.startsWith(ignored) || sync.isEmpty(), acceptor -> acceptor);
        assertThat(explorer().findBroken(disk, 0, this::broken)).isNotEmpty();
    }

    @Test
    @DisplayName("the crash test notices when a file is removed before its message is in the spool")
    void removalBeforeAcceptanceIsNoticed() throws Exception {
        List<Runnable> late = new ArrayList<>();
        RecordingDisk disk = record(sync -> sync.isEmpty(), acceptor -> (writer, envelope, trace, expanded) -> {
            // Said to be accepted, and accepted when the next one is.
            late.add(() -> acceptor.accept(writer, envelope, trace, expanded)
                    .toCompletableFuture()
                    .join());
            if (late.size() > 1) {
                late.remove(0).run();
            }
            return CompletableFuture.completedFuture(null);
        });
        assertThat(explorer().findBroken(disk, 0, this::broken)).isNotEmpty();
    }

    @Test
    @DisplayName("a file that cannot be sent now is tried again, and one of the same name waits for it")
    void sameNameWaits() throws Exception {
        RecordingDisk disk = new RecordingDisk(folder, sync -> false);
        List<String> tries = new ArrayList<>();
        try (PickupFixture fixture = new PickupFixture(
                folder, disk, Duration.ofMinutes(1), acceptor -> (writer, envelope, trace, expanded) -> {
                    tries.add("try");
                    return tries.size() < 3
                            ? CompletableFuture.failedFuture(new IllegalStateException("not now"))
                            : acceptor.accept(writer, envelope, trace, expanded);
                })) {
            PickupDrop.write(disk, fixture.folder, "same", PickupFixture.file("kim@example.org", LOCAL));
            await().pollInterval(Duration.ofMillis(1)).until(() -> !Files.exists(fixture.folder.resolve("same")));
            PickupDrop.write(disk, fixture.folder, "same", PickupFixture.file("kim@example.org", REMOTE));
            fixture.awaitEmpty();
        }
        assertThat(PickupFixture.found(folder).texts())
                .containsExactlyInAnyOrder(LOCAL.replace("\n", "\r\n"), REMOTE.replace("\n", "\r\n"));
    }

    @Test
    @DisplayName("a stop waits for the file that is on its way, and the next start does not send it again")
    void aStopIsNoCrash() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> accepted = new CompletableFuture<>();
        RecordingDisk disk = new RecordingDisk(folder, sync -> false);
        PickupFixture fixture = new PickupFixture(
                folder, disk, Duration.ofMinutes(1), acceptor -> (writer, envelope, trace, expanded) -> {
                    begun.complete(null);
                    return acceptor.accept(writer, envelope, trace, expanded).thenCompose(done -> accepted);
                });
        PickupDrop.write(disk, fixture.folder, "one", PickupFixture.file("kim@example.org", LOCAL));
        begun.get(20, TimeUnit.SECONDS);
        Thread closing = new Thread(() -> {
            try {
                fixture.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        closing.start();
        await().pollInterval(Duration.ofMillis(1)).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        accepted.complete(null);
        closing.join(20_000);
        assertThat(restart(folder, RecordingDisk.over(folder)).texts()).hasSize(1);
    }
}
