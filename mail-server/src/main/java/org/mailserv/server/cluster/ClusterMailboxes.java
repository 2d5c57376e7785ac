package org.mailserv.server.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.MailboxWriter.Content;
import org.mailserv.server.cluster.MailboxWriter.Content.Place;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.FinalDelivery;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.text.Failures;

/** The mailboxes that all nodes share. */
public final class ClusterMailboxes implements MailboxStore {
    private static final int PAGE = 2000;

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final String node;
    private final Executor readers;
    private final MailboxWriter writer;
    private final BodyReader bodies;
    private final DeletionLists deletions;

    /**
     * @param node names this node in locks
     * @param readers runs what blocks: copies of large messages
     * @param inline octets of the largest message that is read into memory
     */
    public ClusterMailboxes(ClusterLoop loop, SharedTables tables, String node, Executor readers, int inline) {
        this.loop = loop;
        this.tables = tables;
        this.node = node;
        this.readers = readers;
        this.writer = new MailboxWriter(tables);
        this.bodies = new BodyReader(tables.bodies(), inline);
        this.deletions = new DeletionLists(tables.mailboxes(), tables.bodies());
    }

    @Override
    public CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> mailboxes) {
        if (message.content() instanceof OctetsContent content
                && !(message instanceof ClusterMessage own && own.body() != null)) {
            QueueId id = message.envelope().id();
            return outcomes(writer.deliver(message.envelope(), Content.of(content.octets()), id, mailboxes));
        }
        CompletableFuture<List<DeliveryOutcome>> done = new CompletableFuture<>();
        try {
            readers.execute(() -> outcomes(deliverLarge(message, mailboxes))
                    .whenComplete((outcomes, failure) -> done.complete(
                            failure == null ? outcomes : all(mailboxes, Failures.text(Repeat.cause(failure))))));
        } catch (RejectedExecutionException e) {
            done.complete(all(mailboxes, "too many large messages are being delivered"));
        }
        return done;
    }

    private static List<DeliveryOutcome> all(List<MailboxName> mailboxes, String failure) {
        return Collections.nCopies(mailboxes.size(), new DeliveryOutcome(failure, false));
    }

    private static CompletionStage<List<DeliveryOutcome>> outcomes(
            CompletionStage<List<@Nullable Throwable>> failures) {
        return failures.thenApply(all -> {
            List<DeliveryOutcome> outcomes = new ArrayList<>();
            for (Throwable failure : all) {
                outcomes.add(
                        failure == null
                                ? DeliveryOutcome.DELIVERED
                                : new DeliveryOutcome(
                                        "the shared store does not answer: " + Failures.text(Repeat.cause(failure)),
                                        false));
            }
            return outcomes;
        });
    }

    /** Blocks. A message without a body that mailboxes may refer to is copied into one of its own. */
    private CompletionStage<List<@Nullable Throwable>> deliverLarge(
            StoredMessage message, List<MailboxName> mailboxes) {
        try {
            FinalDelivery form = FinalDelivery.of(message.content());
            int missing = MailboxFormat.missingEnd(message.content()).length;
            QueueId body = message instanceof ClusterMessage own ? own.body() : null;
            if (body != null && form.isWhole()) {
                Content content =
                        new Content(Place.BODY, null, message.content().length(), missing);
                return writer.deliver(message.envelope(), content, body, mailboxes);
            }
            QueueId copy = QueueGroups.derived(message.envelope().id(), "\nmailbox");
            BodyCopy parts = new BodyCopy(tables.bodies(), copy);
            form.writeContent(parts);
            long size = parts.finish();
            return writer.deliver(message.envelope(), new Content(Place.PARTS, null, size, missing), copy, mailboxes);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
        return tables.mailboxes()
                .usage(new Folder(mailbox.toString(), ""))
                .thenApply(usage -> new MailboxUsage(usage.octets(), usage.messages()));
    }

    @Override
    public CompletionStage<Maildrop> open(MailboxName mailbox) {
        CompletableFuture<Maildrop> opened = new CompletableFuture<>();
        String name = mailbox.toString();
        String holder = node + "/" + QueueId.random();
        loop.execute(() ->
                loop.whenDone(MaildropLock.acquire(loop, tables.maildropLocks(), name, holder), (lock, refused) -> {
                    if (lock == null) {
                        opened.completeExceptionally(refused == null ? new IllegalStateException() : refused);
                    } else {
                        open(name, lock, opened);
                    }
                }));
        return opened;
    }

    private void open(String name, MaildropLock lock, CompletableFuture<Maildrop> opened) {
        List<MailRow> rows = new ArrayList<>();
        loop.whenDone(
                deletions.finish(name).thenCompose(done -> list(new Folder(name, ""), null, rows)), (done, failure) -> {
                    if (failure == null) {
                        opened.complete(new ClusterMaildrop(loop, lock, bodies, deletions, name, List.copyOf(rows)));
                    } else {
                        lock.release();
                        opened.completeExceptionally(ClusterMaildrop.exception(failure));
                    }
                });
    }

    private CompletionStage<Void> list(Folder folder, @Nullable MailKey after, List<MailRow> rows) {
        return tables.mailboxes().rows(folder, after, PAGE).thenCompose(page -> {
            rows.addAll(page);
            return page.size() < PAGE
                    ? Stages.done()
                    : list(folder, page.get(page.size() - 1).key(), rows);
        });
    }

    /** Writes content into the parts of a body. Blocks. */
    private static final class BodyCopy implements WritableByteChannel {
        private final BodyTable table;
        private final QueueId body;
        private final ByteBuffer part = ByteBuffer.allocate(BodyTable.PART);
        private int number;
        private long size;

        BodyCopy(BodyTable table, QueueId body) {
            this.table = table;
            this.body = body;
        }

        @Override
        public int write(ByteBuffer octets) throws IOException {
            int count = octets.remaining();
            while (octets.hasRemaining()) {
                int step = Math.min(part.remaining(), octets.remaining());
                part.put(octets.slice().limit(step));
                octets.position(octets.position() + step);
                if (!part.hasRemaining()) {
                    send();
                }
            }
            size += count;
            return count;
        }

        private void send() throws IOException {
            ByteBuffer full = ByteBuffer.wrap(OwnedShard.octets(part.flip()));
            part.clear();
            StoreStages.await(table.insertPart(body, number++, full), BodyContent.PATIENCE);
        }

        long finish() throws IOException {
            if (part.position() > 0) {
                send();
            }
            return size;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The parts belong to whoever commits the body.
        }
    }
}
