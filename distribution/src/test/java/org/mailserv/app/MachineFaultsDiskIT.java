package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The jar under load while the disk of its data folder is slow, fails, is full, may not be written. */
@Tag("crash")
@Timeout(180)
class MachineFaultsDiskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KIM = "kim@sample.org";
    private static final String CONFIG =
            ServerProcess.CONFIG + "http { enabled = true, port = 0 }\nrelay.retry.schedule = [2s]\n";
    private static final String SMALL_SEGMENTS = "spool { segment-size = 1M, segment-age = 1s }\n";

    @TempDir
    Path folder;

    private Path home;
    private Path data;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectories(folder.resolve("server"));
        data = Files.createDirectories(home.resolve("data"));
    }

    private Path mailbox() {
        return data.resolve("domains/sample.org/kim");
    }

    private static void report(String what, Object... figures) {
        System.out.println("machine faults: " + what.formatted(figures));
    }

    /** Lines of the log that are not the story of a message. */
    private static long notOfMail(ServerProcess server) {
        return server.lines() - server.count(" id=") - server.count("event=session");
    }

    private static int ready(ServerProcess server) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.port("http") + "/readyz");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static void awaitReady(ServerProcess server, int status) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(ready(server)).isEqualTo(status));
    }

    /** Messages a second while so many are taken. */
    private static long rate(MailLoad load, int messages) {
        int before = load.acknowledged();
        long start = System.nanoTime();
        await().atMost(PATIENCE).until(() -> load.acknowledged() >= before + messages);
        return (load.acknowledged() - before) * 1_000L / Math.max(1, (System.nanoTime() - start) / 1_000_000);
    }

    private interface Look {
        void run() throws IOException;
    }

    private static void during(Duration length, Look look) {
        long end = System.nanoTime() + length.toNanos();
        await().atMost(length.multipliedBy(2))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    look.run();
                    return System.nanoTime() - end > 0;
                });
    }

    /** What could not be written to a mailbox at once waits in the queue. */
    private void awaitAllIn(MailLoad load) {
        await().atMost(PATIENCE).untilAsserted(() -> load.assertAllIn(mailbox()));
    }

    /** Once as it is, and once by what the journal and the queue say of it. */
    private void assertAllInAlsoAfterKill(ServerProcess server, MailLoad load) throws Exception {
        awaitAllIn(load);
        server.kill();
        long start = System.nanoTime();
        try (ServerProcess again = ServerProcess.startOn(ServerProcess.Machine.HEALTHY, home, CONFIG)) {
            report("started again behind a kill in %d ms", (System.nanoTime() - start) / 1_000_000);
            awaitAllIn(load);
            assertThat(again.process().isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "where each sync takes half a second, mail comes slowly, memory stays bounded, and speed comes back by itself")
    void slowSyncs(Segments segments) throws Exception {
        int sessions = 80;
        BadDisk disk = BadDisk.make(folder, data);
        try (ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY.with("-Xmx128m").with(disk.environment()),
                        home,
                        CONFIG + segments.config);
                MailLoad load = MailLoad.start(sessions, server.smtpPort(), KIM, 4_000)) {
            long fast = rate(load, 500);
            disk.delaySyncs(500);
            int before = load.acknowledged();
            long[] resident = new long[1];
            during(Duration.ofSeconds(10), () -> resident[0] = Math.max(resident[0], server.residentMebibytes()));
            int slow = (load.acknowledged() - before) / 10;
            disk.delaySyncs(0);
            long again = rate(load, 500);
            load.stop();
            report(
                    "each sync takes 500 ms, segments %s: %d messages a second before, %d meanwhile, %d afterwards; %d MiB resident at most; %d syncs, %d of the file system; %s",
                    segments, fast, slow, again, resident[0], disk.syncs(), disk.flushes(), load);
            disk.assertInTheWay();
            assertThat(load.acknowledged() - before).isPositive();
            // Each message waits for one sync at least.
            assertThat(slow).isLessThanOrEqualTo(2 * sessions);
            assertThat(again).isGreaterThan(slow);
            assertThat(resident[0]).isLessThan(320);
            assertThat(load.cuts()).isZero();
            load.assertNothingRefusedForGood();
            assertAllInAlsoAfterKill(server, load);
        }
    }

    enum Segments {
        LARGE(""),
        SMALL(SMALL_SEGMENTS);

        final String config;

        Segments(String config) {
            this.config = config;
        }
    }

    enum Failing {
        SYNCS(BadDisk::failSyncs),
        WRITES(BadDisk::failWrites),
        BOTH((disk, fail) -> {
            disk.failWrites(fail);
            disk.failSyncs(fail);
        });

        final BiConsumer<BadDisk, Boolean> how;

        Failing(BiConsumer<BadDisk, Boolean> how) {
            this.how = how;
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "while the disk fails, clients are told to come again; what was acknowledged is there, and mail is taken once the disk is back")
    void failingDisk(Failing failing) throws Exception {
        BadDisk disk = BadDisk.make(folder, data);
        try (ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY.with(disk.environment()), home, CONFIG + SMALL_SEGMENTS);
                MailLoad load = MailLoad.start(20, server.smtpPort(), KIM, 4_000)) {
            long fast = rate(load, 500);
            long lines = notOfMail(server);
            failing.how.accept(disk, true);
            awaitReady(server, 503);
            int inFault = load.acknowledged();
            during(
                    Duration.ofSeconds(4),
                    () -> assertThat(server.process().isAlive()).isTrue());
            int taken = load.acknowledged() - inFault;
            assertThat(ready(server)).isEqualTo(503);
            long said = notOfMail(server) - lines;
            failing.how.accept(disk, false);
            awaitReady(server, 200);
            long again = rate(load, 500);
            load.stop();
            report(
                    "%s fail with EIO: %d messages a second before, %d messages meanwhile, %d a second afterwards; %d calls failed, %d lines of log; %s",
                    failing, fast, taken, again, disk.failures(), said, load);
            disk.assertInTheWay();
            assertThat(disk.failures()).isPositive();
            assertThat(load.refused()).isPositive();
            assertThat(taken).as("those whose answer was on its way").isLessThanOrEqualTo(20);
            assertThat(said).isLessThan(60);
            assertThat(load.cuts()).isZero();
            load.assertNothingRefusedForGood();
            assertAllInAlsoAfterKill(server, load);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a disk that is nearly full, or full, makes clients come again, and mail is taken once there is room")
    void fullDisk(Room room) throws Exception {
        try (SmallDisk disk = SmallDisk.mount(data, "96m");
                ServerProcess server = ServerProcess.startOn(
                        ServerProcess.Machine.HEALTHY, home, CONFIG + SMALL_SEGMENTS + room.config);
                MailLoad load = MailLoad.start(10, server.smtpPort(), KIM, 4_000)) {
            long fast = rate(load, 500);
            if (room == Room.LITTLE) {
                disk.fillBut(3_000_000);
            } else {
                disk.fill();
            }
            long lines = notOfMail(server);
            awaitReady(server, 503);
            int full = load.acknowledged();
            during(
                    Duration.ofSeconds(3),
                    () -> assertThat(server.process().isAlive()).isTrue());
            int taken = load.acknowledged() - full;
            long said = notOfMail(server) - lines;
            assertThat(load.replies().keySet()).anyMatch(reply -> reply.startsWith("452"));
            disk.makeRoom();
            awaitReady(server, 200);
            long again = rate(load, 500);
            load.stop();
            report(
                    "room for %s: %d messages a second before, %d messages meanwhile, %d a second afterwards; %d lines of log; %s",
                    room, fast, taken, again, said, load);
            assertThat(said).isLessThan(60);
            assertThat(taken).as("taken meanwhile").isLessThanOrEqualTo(room.most);
            assertThat(load.cuts()).isZero();
            load.assertNothingRefusedForGood();
            assertAllInAlsoAfterKill(server, load);
        }
    }

    enum Room {
        /** Those whose answer was on its way. */
        LITTLE("", 10),
        /** The journal's files are there already: what has room in them may be taken. */
        NOTHING("spool.free-space-mark = 0\n", 8 * (1 << 20) / 4_000);

        final String config;
        final int most;

        Room(String config, int most) {
            this.config = config;
            this.most = most;
        }
    }

    @Test
    @DisplayName("a spool that may only be read makes clients come again, and takes mail once it may be written")
    void readOnly() throws Exception {
        Path spool = Files.createDirectories(data.resolve("spool"));
        try (SmallDisk disk = SmallDisk.mount(spool, "32m");
                ServerProcess server =
                        ServerProcess.startOn(ServerProcess.Machine.HEALTHY, home, CONFIG + SMALL_SEGMENTS)) {
            int before;
            try (MailLoad load = MailLoad.start(5, server.smtpPort(), KIM, 4_000)) {
                rate(load, 200);
                load.stop();
                before = load.acknowledged();
                awaitAllIn(load);
            }
            // Refused by the system as long as a file is open to be written: until the last segment has retired.
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                disk.makeReadOnly();
                return true;
            });
            try (MailLoad load = MailLoad.start(5, server.smtpPort(), KIM, 4_000)) {
                awaitReady(server, 503);
                during(
                        Duration.ofSeconds(2),
                        () -> assertThat(server.process().isAlive()).isTrue());
                assertThat(load.acknowledged()).isZero();
                assertThat(load.refused()).isPositive();
                assertThat(ready(server)).isEqualTo(503);
                disk.makeWritable();
                awaitReady(server, 200);
                long again = rate(load, 200);
                load.stop();
                report(
                        "read-only: %d messages before, none meanwhile, %d a second afterwards; %d lines of log; %s",
                        before, again, notOfMail(server), load);
                assertThat(load.cuts()).isZero();
                load.assertNothingRefusedForGood();
                assertAllInAlsoAfterKill(server, load);
            }
        }
    }
}
