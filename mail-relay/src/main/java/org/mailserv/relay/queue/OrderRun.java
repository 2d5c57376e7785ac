package org.mailserv.relay.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out an order, one message after the other. Confined to the relay's loop. */
final class OrderRun {
    private static final Logger LOG = LoggerFactory.getLogger(OrderRun.class);

    private final QueueOrder order;
    private final Deque<QueueView> views;
    private final RelayLoop loop;
    private final ActiveMessages messages;
    private final Settlement settlement;
    private final QueueAdmin.Moves moves;
    private final MailEvents events;
    private final CompletableFuture<QueueResult> done;
    private final List<QueueResult.Change> changes = new ArrayList<>();
    private final List<String> problems;
    private int skipped;

    OrderRun(
            QueueOrder order,
            List<QueueView> views,
            RelayLoop loop,
            ActiveMessages messages,
            Settlement settlement,
            QueueAdmin.Moves moves,
            MailEvents events,
            CompletableFuture<QueueResult> done) {
        this.order = order;
        this.views = new ArrayDeque<>(views);
        this.loop = loop;
        this.messages = messages;
        this.settlement = settlement;
        this.moves = moves;
        this.events = events;
        this.done = done;
        this.problems = new ArrayList<>(QueueResult.missing(order.filter(), views));
    }

    void start() {
        next();
    }

    private void next() {
        QueueView view = views.poll();
        if (view == null) {
            end();
            return;
        }
        messages.use(QueueId.parse(view.id()), (active, failure) -> {
            if (active == null) {
                problems.add(view.id()
                        + (SpoolException.isNotFound(failure)
                                ? ": left the queue a moment ago"
                                : ": cannot be read; the log says why"));
                loop.execute(this::next);
            } else {
                one(active);
            }
        });
    }

    private void end() {
        QueueResult result = new QueueResult(changes, problems, skipped);
        if (!order.dryRun()) {
            AuditLog.summary(LOG, order, result);
        }
        done.complete(result);
    }

    private void one(ActiveMessage active) {
        QueueOrder.Plan plan = order.plan(active.envelope(), active.state(), active.allPending());
        String problem = plan.problem();
        if (problem != null) {
            if (order.isStrict()) {
                problems.add(problem);
            } else {
                skipped++;
            }
            leave(active);
            return;
        }
        List<Integer> recipients = new ArrayList<>(plan.recipients());
        boolean settles = order.action() == QueueAdmin.Action.REMOVE || order.action() == QueueAdmin.Action.BOUNCE;
        if (settles && recipients.removeIf(index -> moves.isBusy(active, index))) {
            problems.add(active.id() + ": is being sent at this moment; those recipients were left alone (try again)");
        }
        if (recipients.isEmpty()) {
            leave(active);
        } else if (order.dryRun()) {
            changed(active, recipients);
            leave(active);
        } else if (order.action() == QueueAdmin.Action.BOUNCE) {
            bounce(active, recipients);
        } else {
            AuditLog.change(events, order, active.envelope(), recipients);
            active.setState(order.apply(active.state(), recipients, loop.now()));
            moves.move(order.action(), active, recipients);
            changed(active, recipients);
            leave(active);
        }
    }

    private void bounce(ActiveMessage active, List<Integer> recipients) {
        recipients.forEach(index -> active.cancel(index, order.report(active.envelope(), active.state(), index)));
        moves.move(order.action(), active, recipients);
        if (active.users > 1) {
            // The message is being sent elsewhere at this moment, which may take long. The notice follows.
            AuditLog.change(events, order, active.envelope(), recipients);
            changed(active, recipients);
            leave(active);
            return;
        }
        active.afterBounce.add(failure -> bounced(active, recipients, failure));
        settlement.leave(active);
    }

    private void bounced(ActiveMessage active, List<Integer> recipients, @Nullable Throwable failure) {
        if (failure == null) {
            AuditLog.change(events, order, active.envelope(), recipients);
            changed(active, recipients);
        } else {
            problems.add(active.id() + ": the notice to the sender could not be stored, so that it stays in the queue;"
                    + " the log says why");
        }
        loop.execute(this::next);
    }

    private void changed(ActiveMessage active, List<Integer> recipients) {
        changes.add(new QueueResult.Change(
                moves.view(active),
                recipients.stream()
                        .map(index -> active.envelope()
                                .recipients()
                                .get(index)
                                .address()
                                .toString())
                        .toList()));
    }

    private void leave(ActiveMessage active) {
        settlement.leave(active);
        loop.execute(this::next);
    }
}
