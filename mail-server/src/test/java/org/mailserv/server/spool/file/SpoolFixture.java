package org.mailserv.server.spool.file;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.mailbox.maildir.MaildirStore;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;

/** A spool with its mailboxes over a disk of the test's choice. */
public final class SpoolFixture implements AutoCloseable {
    public static final MailboxName DOUG = new MailboxName("example.org", "doug");
    public static final MailboxName KIM = new MailboxName("example.org", "kim");
    /** The same for all runs, as the key in the data folder is. */
    public static final SealedIds IDS = SealedIds.withoutKey();

    static final Instant ARRIVAL = Instant.parse("2026-11-20T22:00:00Z");

    public final List<QueuedMessage> recovered = new ArrayList<>();
    public final List<QueuedMessage> queued = new ArrayList<>();
    public final MaildirStore mailboxes;
    final LocalMaildirs maildirs;
    public final FileSpool spool;
    public final SpoolingAcceptor acceptor;

    private static final ReversePath SENDER = new ReversePath(new Address("sender", "b.example"));
    /** As long as that of the server, and with a fold. */
    static final String TRACE = "Folded: " + "a".repeat(200) + "\r\n\tb\r\nTrace: x\r\n";

    public SpoolFixture(Path folder, Disk disk, Duration segmentAge) throws SpoolException {
        this(folder, disk, segmentAge, true);
    }

    /** @param readQueue whether the queue is read before anything else */
    SpoolFixture(Path folder, Disk disk, Duration segmentAge, boolean readQueue) throws SpoolException {
        this(folder, disk, segmentAge, readQueue, Duration.ZERO);
    }

    /** @param stateDelay how long states of messages gather before they are written */
    SpoolFixture(Path folder, Disk disk, Duration segmentAge, boolean readQueue, Duration stateDelay)
            throws SpoolException {
        this(folder, disk, segmentAge, readQueue, stateDelay, ByteBufAllocator.DEFAULT);
    }

    /** @param allocator for messages that are held for the relay */
    SpoolFixture(
            Path folder,
            Disk disk,
            Duration segmentAge,
            boolean readQueue,
            Duration stateDelay,
            ByteBufAllocator allocator)
            throws SpoolException {
        MaildirLayout layout = new MaildirLayout(folder.resolve("domains"), Map.of());
        maildirs = new LocalMaildirs(layout, disk, 1, 1000, MailEvents.NONE);
        FileSpoolConfig config = new FileSpoolConfig(
                folder.resolve("spool"), 1 << 20, 3, segmentAge, 4096, 1 << 20, 1 << 20, stateDelay, 0, 1, 1000);
        spool = new FileSpool(config, disk, maildirs, IDS, MailEvents.NONE, allocator);
        mailboxes = new MaildirStore(maildirs, IDS, spool::recordDeletions);
        spool.recover(recovered::add);
        if (readQueue) {
            readQueue();
        }
        acceptor = new SpoolingAcceptor(
                spool,
                mailboxes,
                message -> {
                    synchronized (queued) {
                        queued.add(message);
                    }
                },
                SuccessNotices.NONE,
                MailEvents.NONE);
    }

    private void readQueue() throws SpoolException {
        try {
            spool.readQueue(recovered::add);
        } catch (IOException e) {
            throw SpoolException.ofDisk("queue", e);
        }
    }

    static Recipient remote(String address) {
        int at = address.indexOf('@');
        return Recipient.remote(new Address(address.substring(0, at), address.substring(at + 1)));
    }

    static Recipient local(MailboxName mailbox) {
        return Recipient.local(mailbox.address(), mailbox);
    }

    /** Takes a message in; completes when it may be acknowledged. */
    CompletableFuture<QueueId> accept(String text, Recipient... recipients) {
        MessageWriter writer = Arrays.stream(recipients).allMatch(Recipient::isLocal)
                ? spool.newLocalMessage(SENDER, recipients.length)
                : spool.newMessage(recipients.length);
        for (int at = 0; at < text.length(); at += 1000) {
            String piece = text.substring(at, Math.min(text.length(), at + 1000));
            get(writer.append(Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1))
                    .toCompletableFuture());
        }
        QueueId id = writer.id();
        Envelope envelope = Envelope.of(
                id,
                SENDER,
                List.of(recipients),
                new Arrival(ARRIVAL, "ESMTP", "192.0.2.7", null, "client.example", null, null));
        return acceptor.accept(writer, envelope, Unpooled.copiedBuffer(TRACE, StandardCharsets.US_ASCII))
                .thenApply(done -> id)
                .toCompletableFuture();
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        spool.close();
        maildirs.close();
    }
}
