package org.mailserv.server.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.QueueTable.QueueRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MemoryBudget;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.SpoolException.Reason;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.spool.file.EnvelopeText;
import org.mailserv.server.spool.file.StateFile;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The messages of a node in a cluster: those that it has accepted, and those in the shards of the queue that it owns. */
public final class ClusterSpool implements Spool {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSpool.class);

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final StoreSettings settings;
    private final MemoryBudget memory;
    private final BodyReader bodies;
    private volatile @Nullable ClusterNode node;
    private volatile boolean draining;
    private volatile boolean closed;

    public ClusterSpool(ClusterLoop loop, SharedTables tables, StoreSettings settings) {
        this.loop = loop;
        this.tables = tables;
        this.settings = settings;
        this.memory = new MemoryBudget(settings.memoryLimit());
        this.bodies = new BodyReader(tables.bodies(), 2L * settings.inlineLimit());
    }

    /** Returns the node, or null before the start. */
    public @Nullable ClusterNode node() {
        return node;
    }

    /** Returns whether this node may still act on the mail that it has. */
    public Lease lease() {
        return () -> {
            ClusterNode started = node;
            return started != null && !closed && started.lease().isSure();
        };
    }

    @Override
    public void start(QueueListener queue) throws SpoolException {
        ClusterNode started = new ClusterNode(loop, tables, settings.node(), queue);
        node = started;
        loop.execute(started::start);
        try {
            StoreStages.await(started.begun(), settings.startTimeout());
        } catch (IOException e) {
            loop.execute(started::stop);
            throw new SpoolException(Reason.IO_ERROR, Failures.text(e), e);
        }
    }

    private ClusterNode started() {
        ClusterNode started = node;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    @Override
    public MessageWriter newMessage(int recipients) {
        return new ClusterWriter(new ClusterWriter.Resources(started(), tables, memory, settings.inlineLimit()));
    }

    @Override
    public CompletionStage<Void> queueRead() {
        return started().queueRead();
    }

    @Override
    public CompletionStage<StoredMessage> open(QueueId id) {
        if (closed) {
            return closed();
        }
        FreshMail.Live live = started().findFresh(id);
        if (live != null) {
            return openFresh(live);
        }
        QueueShards.Entry queued = started().findQueued(id);
        return queued == null ? CompletableFuture.failedFuture(SpoolException.notFound(id)) : openQueued(queued);
    }

    private CompletionStage<StoredMessage> openFresh(FreshMail.Live live) {
        ByteBuffer content = live.content();
        if (content != null) {
            return CompletableFuture.completedFuture(
                    new ClusterMessage(live.envelope(), live.state, new OctetsContent(content), null));
        }
        QueueId body = live.envelope().id();
        return failing(bodies.open(body).thenApply(opened -> message(live.envelope(), live.state, opened, body)));
    }

    private CompletionStage<StoredMessage> openQueued(QueueShards.Entry entry) {
        return failing(tables.queue().row(entry.shard().number(), entry.id()).thenCompose(rows -> {
            QueueRow row = rows.isEmpty() ? null : rows.get(0);
            if (row == null || row.envelope() == null || row.state() == null) {
                return CompletableFuture.failedFuture(SpoolException.notFound(entry.id()));
            }
            Envelope envelope = EnvelopeText.read(OwnedShard.octets(row.envelope()));
            MessageState state = StateFile.read(OwnedShard.octets(row.state()));
            return bodies.open(entry.body()).thenApply(opened -> message(envelope, state, opened, entry.body()));
        }));
    }

    private static StoredMessage message(
            Envelope envelope, MessageState state, BodyReader.Opened opened, QueueId body) {
        return new ClusterMessage(envelope, state, opened.content(), opened.shareable() ? body : null);
    }

    private static <T> CompletionStage<T> failing(CompletionStage<T> stage) {
        return stage.exceptionallyCompose(
                problem -> CompletableFuture.failedFuture(ClusterWriter.spoolException(problem)));
    }

    private static <T> CompletionStage<T> closed() {
        return CompletableFuture.failedFuture(new SpoolException(Reason.CLOSED, "the server is stopping"));
    }

    @Override
    public CompletionStage<Void> update(QueueId id, MessageState state) {
        return closed ? closed() : started().update(id, state);
    }

    @Override
    public void noteDelivered(QueueId id, MessageState state) {
        started().note(id, state);
    }

    @Override
    public boolean isWritable() {
        ClusterNode started = node;
        return started != null && !closed && !draining && started.isWritable();
    }

    @Override
    public Reason unwritableReason() {
        return draining || closed ? Reason.CLOSED : Reason.IO_ERROR;
    }

    /** Returns whether this node has given up its mail, or is about to. Any thread. */
    public boolean isDraining() {
        return draining;
    }

    /**
     * Takes no more mail, and hands over what this node has: its mail and its shards of the queue. Mailboxes stay open.
     *
     * @return completes when other nodes have everything; fails if they will take it over only after this process has ended
     */
    public CompletionStage<Void> drain() {
        draining = true;
        CompletableFuture<Void> left = new CompletableFuture<>();
        ClusterNode leaving = started();
        loop.execute(() -> loop.whenDone(leaving.leave(), (done, problem) -> {
            if (problem == null) {
                left.complete(null);
            } else {
                left.completeExceptionally(problem);
            }
        }));
        return left;
    }

    @Override
    public void close() {
        ClusterNode started = node;
        if (closed || started == null) {
            closed = true;
            return;
        }
        CompletableFuture<Void> left = new CompletableFuture<>();
        loop.execute(() -> started.leave().whenComplete((done, problem) -> left.complete(null)));
        try {
            StoreStages.await(left, settings.leaveTimeout());
        } catch (IOException e) {
            LOG.warn("event=cluster-not-left reason=\"{}\"", "other nodes take the mail over: " + Failures.text(e));
        }
        closed = true;
        loop.execute(started::stop);
    }
}
