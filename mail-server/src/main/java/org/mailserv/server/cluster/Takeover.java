package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.table.BodyTable.BodyHead;
import org.mailserv.server.cluster.table.FreshTable.FreshRow;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.RecipientState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the mail of a dead run everybody's: fences the run, reads its journal twice (the states first, so that contents need not be kept in
 * memory), delivers what mailboxes miss, moves the rest into the shared queue, and deletes the journal. All of it may be repeated, also by
 * two nodes at once. On the loop.
 */
final class Takeover {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
    private static final int PAGE = 8;

    private final ClusterLoop loop;
    private final SharedTables tables;
    private final MessageMover mover;
    private final MailboxWriter mailboxes;
    private final Bodies bodies;
    private final Repeat repeat;
    private final RunId dead;
    private final RunId taker;
    private final Map<QueueId, MessageState> states = new HashMap<>();
    private final Set<QueueId> known = new HashSet<>();
    private long moved;

    /**
     * @param taker the run of this node
     * @param wanted asked before each request; false ends the takeover
     */
    Takeover(
            ClusterLoop loop,
            SharedTables tables,
            MessageMover mover,
            ClusterTiming timing,
            RunId dead,
            RunId taker,
            BooleanSupplier wanted) {
        this.loop = loop;
        this.tables = tables;
        this.mover = mover;
        this.mailboxes = new MailboxWriter(tables);
        this.bodies = new Bodies(tables.bodies());
        this.repeat = new Repeat(loop, timing.again(), wanted);
        this.dead = dead;
        this.taker = taker;
    }

    /** Takes over. The stage fails if it is no longer wanted, or if the journal cannot be understood. */
    CompletionStage<Void> run() {
        return repeat.until(() -> tables.runs().fence(dead))
                .thenCompose(done -> repeat.until(() -> tables.fresh().segments(dead)))
                .thenCompose(segments -> each(segments, segment -> rows(segment, this::learn))
                        .thenCompose(done -> each(segments, segment -> rows(segment, this::move)))
                        .thenCompose(done -> uploads())
                        .thenCompose(done -> each(segments, this::delete)))
                .thenCompose(done -> repeat.until(() -> tables.runs().finish(dead, taker)))
                .thenAccept(result -> LOG.info("event=cluster-takeover-done run={} moved={}", dead, moved));
    }

    private static <T> CompletionStage<Void> each(List<T> all, Function<T, CompletionStage<Void>> action) {
        return each(all.iterator(), action);
    }

    private static <T> CompletionStage<Void> each(Iterator<T> rest, Function<T, CompletionStage<Void>> action) {
        return rest.hasNext() ? action.apply(rest.next()).thenCompose(done -> each(rest, action)) : Stages.done();
    }

    /** Reads the rows of a segment, a page at a time. */
    private CompletionStage<Void> rows(int segment, Function<FreshRow, CompletionStage<Void>> action) {
        return rows(segment, -1, action);
    }

    private CompletionStage<Void> rows(int segment, int after, Function<FreshRow, CompletionStage<Void>> action) {
        return repeat.until(() -> tables.fresh().rows(dead, segment, after, PAGE))
                .thenCompose(page -> each(page, action)
                        .thenCompose(done -> page.size() < PAGE
                                ? Stages.done()
                                : rows(segment, page.get(page.size() - 1).seq(), action)));
    }

    private CompletionStage<Void> learn(FreshRow row) {
        for (FreshEntry entry : FreshCodec.read(row.data())) {
            if (entry instanceof FreshEntry.State state) {
                states.put(state.id(), state.state());
            } else {
                known.add(entry.id());
            }
        }
        return Stages.done();
    }

    private CompletionStage<Void> move(FreshRow row) {
        List<CompletionStage<Void>> moves = new ArrayList<>();
        for (FreshEntry entry : FreshCodec.read(row.data())) {
            if (entry instanceof FreshEntry.Message message) {
                MessageState state = states.getOrDefault(message.id(), message.state());
                moved++;
                moves.add(deliver(message, state).thenCompose(after -> repeat.until(() -> mover.move(message, after))));
            }
        }
        return Stages.all(moves);
    }

    /** Delivers a message to the mailboxes here that have not got it, and returns the state after that. */
    private CompletionStage<MessageState> deliver(FreshEntry.Message message, MessageState state) {
        List<MailboxName> missing = new ArrayList<>();
        for (int i = 0; i < state.recipients().size() && !state.held(); i++) {
            MailboxName mailbox = message.envelope().recipients().get(i).mailbox();
            if (mailbox != null && !state.recipients().get(i).isSettled() && !missing.contains(mailbox)) {
                missing.add(mailbox);
            }
        }
        if (missing.isEmpty() || !(message instanceof FreshEntry.Inline inline)) {
            // A large one is delivered from the queue.
            return Stages.done(state);
        }
        ByteBuffer content = inline.content();
        return loop.here(
                        mailboxes.deliver(message.envelope(), MailboxWriter.Content.of(content), message.id(), missing))
                .thenApply(failures -> after(message, state, missing, failures));
    }

    private static MessageState after(
            FreshEntry.Message message,
            MessageState state,
            List<MailboxName> mailboxes,
            List<@Nullable Throwable> failures) {
        List<RecipientState> recipients = new ArrayList<>(state.recipients());
        for (int i = 0; i < recipients.size(); i++) {
            MailboxName mailbox = message.envelope().recipients().get(i).mailbox();
            int at = mailbox == null ? -1 : mailboxes.indexOf(mailbox);
            if (at >= 0 && failures.get(at) == null) {
                recipients.set(i, RecipientState.DELIVERED_LOCALLY);
            }
        }
        return state.withRecipients(recipients);
    }

    /** Deletes the bodies that the run had begun and that no message has. */
    private CompletionStage<Void> uploads() {
        return repeat.until(() -> tables.fresh().uploads(dead)).thenCompose(begun -> each(begun, this::upload));
    }

    private CompletionStage<Void> upload(QueueId body) {
        CompletableFuture<Void> cleaned = known.contains(body)
                ? Stages.done()
                : repeat.until(() -> tables.bodies().head(body))
                        .thenCompose(head -> repeat.until(() -> discard(body, head)));
        return cleaned.thenCompose(done -> repeat.until(() -> tables.fresh().deleteUpload(dead, body)));
    }

    private CompletionStage<Void> discard(QueueId body, List<BodyHead> head) {
        return head.isEmpty() ? tables.bodies().delete(body) : bodies.release(body, Bodies.freshRef(body));
    }

    private CompletionStage<Void> delete(int segment) {
        return repeat.until(() -> tables.fresh().deleteRows(dead, segment))
                .thenCompose(done -> repeat.until(() -> tables.fresh().deleteSegment(dead, segment)));
    }
}
