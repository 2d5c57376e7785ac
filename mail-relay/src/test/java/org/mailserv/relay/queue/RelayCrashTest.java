package org.mailserv.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.testing.FakeDns;
import org.mailserv.relay.testing.ObservedSpool;
import org.mailserv.relay.testing.RelayAssembly;
import org.mailserv.relay.testing.RelayFixture;
import org.mailserv.relay.testing.ScriptedSmtpServer;
import org.mailserv.relay.testing.ScriptedSmtpServer.Stage;
import org.mailserv.server.disk.CrashExplorer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RecordingDisk;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.RecipientState.Status;
import org.mailserv.server.spool.file.SpoolFixture;
import org.mailserv.server.testing.FakeAccounts;

/**
 * The relay between spool and network: it is stopped behind every operation on the disk, and each recipient is, as far as the next server
 * had come by then, still in the queue, or there, or its sender is told.
 */
@Timeout(180)
class RelayCrashTest {
    private static final int NEVER = Integer.MAX_VALUE;

    @TempDir
    Path folder;

    /** What becomes of a recipient, and behind how many operations of the disk. */
    private static final class Fate {
        final String recipient;
        final String text;
        volatile String id = "";
        volatile int accepted = NEVER;
        /** The next server has taken it, or refused it for good, but has not said so yet. */
        volatile int answered = NEVER;

        volatile boolean refused;
        volatile int recorded = NEVER;

        Fate(String recipient, String text) {
            this.recipient = recipient;
            this.text = text;
        }
    }

    /** What a restart finds. */
    private record Found(Map<String, Status> queued, Map<String, String> texts, List<String> bounces) {
        boolean bounced(String recipient) {
            return bounces.stream().anyMatch(text -> text.contains("Final-Recipient: rfc822; " + recipient));
        }
    }

    private final Map<String, Fate> fates = new ConcurrentHashMap<>();
    private final Map<Integer, List<Fate>> taken = new ConcurrentHashMap<>();
    private RecordingDisk disk;
    private Path root;

    private String reply(Stage stage, String line, int connection) {
        if (stage == Stage.MAIL) {
            taken.put(connection, new ArrayList<>());
        } else if (stage == Stage.RCPT) {
            Fate fate = fates.get(line.substring(line.indexOf('<') + 1, line.indexOf('>')));
            if (fate.recipient.startsWith("never")) {
                fate.refused = true;
                fate.answered = Math.min(fate.answered, disk.count());
                return "550 5.1.1 never";
            } else if (fate.recipient.startsWith("later") && !isInQueueFolder(fate)) {
                return "450 4.2.0 later";
            }
            taken.get(connection).add(fate);
        } else if (stage == Stage.END) {
            taken.get(connection).forEach(fate -> fate.answered = Math.min(fate.answered, disk.count()));
        }
        return null;
    }

    /** Later is when the first try has become a file. */
    private boolean isInQueueFolder(Fate fate) {
        return !fate.id.isEmpty()
                && Files.exists(root.resolve("spool/queue/" + fate.id.substring(0, 2) + "/" + fate.id + ".state"));
    }

    private void recorded(QueueId id, MessageState state) {
        List<Fate> ofMessage = fates.values().stream()
                .filter(fate -> fate.id.equals(id.toString()))
                .sorted((one, other) -> one.recipient.compareTo(other.recipient))
                .toList();
        for (int i = 0; i < ofMessage.size(); i++) {
            if (state.recipients().get(i).isSettled()) {
                ofMessage.get(i).recorded = Math.min(ofMessage.get(i).recorded, disk.count());
            }
        }
    }

    /** @param to in the order of the alphabet */
    private void send(RelayAssembly relay, String text, String... to) {
        List<Fate> ofMessage = Stream.of(to).map(one -> new Fate(one, text)).toList();
        ofMessage.forEach(fate -> fates.put(fate.recipient, fate));
        relay.send(
                envelope -> {
                    ofMessage.forEach(fate -> fate.id = envelope.id().toString());
                    return envelope;
                },
                "joe@example.org",
                text,
                to);
        ofMessage.forEach(fate -> fate.accepted = disk.count());
    }

    private void record(Predicate<String> ignoredSync, UnaryOperator<Notifier> change) throws Exception {
        root = folder.resolve("live");
        Files.createDirectories(root);
        disk = new RecordingDisk(root, ignoredSync);
        try (ScriptedSmtpServer server = new ScriptedSmtpServer("127.0.0.2", "PIPELINING").script(this::reply);
                SpoolFixture spool = new SpoolFixture(root, disk, Duration.ofMillis(1))) {
            FakeDns dns = new FakeDns().mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "127.0.0.2");
            try (RelayAssembly relay = new RelayAssembly(
                    RelayFixture.config(
                            server.port(), settings -> settings.with(s -> s.schedule = List.of(Duration.ofMillis(20)))),
                    dns,
                    new FakeAccounts(Runnable::run, "joe"),
                    new ObservedSpool(spool.spool, this::recorded),
                    spool.mailboxes,
                    change)) {
                send(relay, "Subject: one\r\n\r\none\r\n", "at-once@dest.test", "later@dest.test");
                send(relay, "Subject: two\r\n\r\ntwo\r\n", "never@dest.test", "now@dest.test");
                send(relay, "Subject: three\r\n\r\nthree\r\n", "never.either@dest.test");
                String large = "Subject: four\r\n\r\n" + "0123456789abcde\r\n".repeat(500);
                send(relay, large, "large@dest.test", "later.large@dest.test", "never.large@dest.test");
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> fates.values().stream().allMatch(fate -> fate.recorded < NEVER));
            }
        }
        assertThat(fates.values()).allMatch(fate -> fate.answered < NEVER);
    }

    private static Found restart(Path root, Disk disk) throws Exception {
        Map<String, Status> queued = new TreeMap<>();
        Map<String, String> texts = new TreeMap<>();
        try (SpoolFixture fixture = new SpoolFixture(root, disk, Duration.ofMinutes(1))) {
            for (QueuedMessage message : fixture.recovered) {
                String id = message.id().toString();
                Path file = root.resolve("spool/queue/" + id.substring(0, 2) + "/" + id);
                for (int i = 0; i < message.envelope().recipients().size(); i++) {
                    String recipient =
                            message.envelope().recipients().get(i).address().toString();
                    queued.put(recipient, message.state().recipients().get(i).status());
                    texts.put(recipient, Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return new Found(queued, texts, bounces(root));
    }

    private static List<String> bounces(Path root) throws IOException {
        List<String> bounces = new ArrayList<>();
        Path fresh = root.resolve("domains/example.org/joe/new");
        if (Files.isDirectory(fresh)) {
            try (Stream<Path> files = Files.list(fresh)) {
                for (Path file : files.toList()) {
                    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                    // The end of a multipart: it is whole.
                    bounces.add(text.endsWith("--\r\n") ? text : "half");
                }
            }
        }
        return bounces;
    }

    private List<String> broken(int operations, Found found) {
        List<String> broken = new ArrayList<>();
        for (Fate fate : fates.values()) {
            String recipient = fate.recipient;
            boolean pending = found.queued.get(recipient) == Status.PENDING;
            boolean bounced = found.bounced(recipient);
            if (fate.accepted > operations) {
                continue;
            } else if (!pending && operations <= fate.answered) {
                broken.add("lost before the next server had it: " + recipient);
            } else if (!pending && fate.refused && !bounced) {
                broken.add("gone without a bounce: " + recipient);
            } else if (!fate.refused && bounced) {
                broken.add("bounced for nothing: " + recipient);
            } else if (pending && fate.recorded <= operations) {
                broken.add("sent again though recorded: " + recipient);
            } else if (pending && !found.texts.get(recipient).endsWith(fate.text)) {
                broken.add("not whole: " + recipient);
            }
        }
        return broken;
    }

    private CrashExplorer<Found> explorer() {
        return new CrashExplorer<>(folder, RelayCrashTest::restart);
    }

    @Test
    @DisplayName("F3, M7: whatever the power takes, each recipient is in the queue, with the next server, or bounced")
    void everyRecipientIsAccountedFor() throws Exception {
        record(sync -> false, notifier -> notifier);
        assertThat(explorer().explore(disk, 0, CrashExplorer.SUBSETS / 5, 0, this::broken))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file spool/journal/segment-",
                "dir spool/queue",
                "file spool/queue/",
                "file spool/incoming/",
                "dir domains/example.org/joe/new"
            })
    @DisplayName("the crash test notices when a sync is missing")
    void aMissingSyncIsNoticed(String ignored) throws Exception {
        record(sync -> sync.startsWith(ignored), notifier -> notifier);
        assertThat(explorer().findBroken(disk, 0, this::broken)).isNotEmpty();
    }

    @Test
    @DisplayName("the crash test notices when a message ends before its bounce is in the spool")
    void anEndBeforeTheBounceIsNoticed() throws Exception {
        record(sync -> false, notifier -> notice -> {
            // Said to be stored, and stored when the state is durable.
            String id = notice.message().envelope().id().toString();
            CompletableFuture.runAsync(() -> await().pollInterval(Duration.ofMillis(1))
                            .until(() -> fates.values().stream()
                                    .anyMatch(fate -> fate.id.equals(id) && fate.refused && fate.recorded < NEVER)))
                    .thenCompose(done -> notifier.send(notice));
            return CompletableFuture.completedFuture(null);
        });
        assertThat(explorer().findBroken(disk, 0, this::broken))
                .anyMatch(what -> what.startsWith("gone without a bounce"));
    }
}
