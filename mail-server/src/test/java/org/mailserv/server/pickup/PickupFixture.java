package org.mailserv.server.pickup;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.file.SpoolFixture;
import org.mailserv.server.testing.FakeAccounts;

/** A pickup folder before a spool, over a disk of the test's choice. */
final class PickupFixture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final SpoolFixture spool;
    final Path folder;
    /** Sender and refused recipients of what was given back. */
    final List<String> returned = new CopyOnWriteArrayList<>();

    private final Pickup pickup;

    /** All that is found: texts of messages from their marker on, and files that were refused, by name. */
    record Found(List<String> texts, Map<String, String> refused) {}

    PickupFixture(Path root, Disk disk, Duration segmentAge) throws Exception {
        this(root, disk, segmentAge, acceptor -> acceptor);
    }

    PickupFixture(Path root, Disk disk, Duration segmentAge, UnaryOperator<MessageAcceptor> change) throws Exception {
        spool = new SpoolFixture(root, disk, segmentAge);
        folder = folder(root);
        FakeAccounts accounts = new FakeAccounts(Runnable::run, "kim");
        pickup = new Pickup(
                new PickupServices(
                        disk,
                        new PickupConfig(true, null, false, Duration.ofMillis(2), Duration.ZERO),
                        "pickup.test",
                        () -> FakeAccounts.DOMAIN,
                        () -> 1 << 20,
                        spool.spool,
                        new RecipientRouter(accounts, spool.mailboxes, null),
                        change.apply(spool.acceptor),
                        (envelope, content, refused) -> {
                            returned.add(envelope.sender() + " "
                                    + refused.keySet().stream()
                                            .map(recipient ->
                                                    recipient.address().toString())
                                            .toList());
                            return CompletableFuture.completedFuture(null);
                        },
                        MailEvents.NONE,
                        InstantSource.system()),
                folder);
    }

    static Path folder(Path root) {
        return root.resolve("spool/pickup");
    }

    /** Sender, recipients, and a text that begins with its marker. */
    static byte[] file(String recipients, String text) {
        return ("sender@b.example\n" + recipients + "\n" + text).getBytes(StandardCharsets.US_ASCII);
    }

    boolean isEmpty() throws IOException {
        return waiting(folder) + waiting(folder.resolve("claimed")) == 0;
    }

    void awaitEmpty() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(this::isEmpty);
    }

    private static long waiting(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .count();
        }
    }

    /** What is there when everything has been closed. */
    static Found found(Path root) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path place : List.of(root.resolve("domains"), root.resolve("spool/queue"))) {
            for (Path file : filesBelow(place)) {
                boolean temporary = file.getParent().endsWith("tmp");
                if (!temporary && !file.toString().endsWith(".state")) {
                    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                    int marker = text.indexOf("Marker: ");
                    texts.add(marker < 0 ? "half: " + file + ": " + text : text.substring(marker));
                }
            }
        }
        Map<String, String> refused = new TreeMap<>();
        for (Path file : filesBelow(folder(root).resolve("refused"))) {
            refused.put(file.getFileName().toString(), Files.readString(file));
        }
        return new Found(texts, refused);
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Override
    public void close() throws InterruptedException {
        pickup.close();
        spool.close();
    }
}
