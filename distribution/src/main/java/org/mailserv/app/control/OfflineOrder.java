package org.mailserv.app.control;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.mailserv.app.config.StartupException;
import org.mailserv.relay.queue.AuditLog;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An operator's order, carried out on the messages of a server that is down. Blocks; confined to one thread. */
final class OfflineOrder {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineOrder.class);
    private static final int TOGETHER = 1_000;

    private final QueueOrder order;
    private final MailStore store;
    private final MailEvents events;
    private final OfflineNotices notices;
    private final List<QueueResult.Change> changes = new ArrayList<>();
    private final List<String> problems;
    private final Map<QueueId, CompletionStage<Void>> writing = new LinkedHashMap<>();
    private int skipped;

    /** @param missing the problems that are known before the first message */
    OfflineOrder(QueueOrder order, MailStore store, MailEvents events, OfflineNotices notices, List<String> missing) {
        this.order = order;
        this.store = store;
        this.events = events;
        this.notices = notices;
        this.problems = new ArrayList<>(missing);
    }

    /** Changes one message, or says why that cannot be done. */
    void change(QueuedMessage message) throws StartupException, IOException {
        QueueOrder.Plan plan = order.plan(message.envelope(), message.state(), pending(message.state()));
        String problem = plan.problem();
        if (problem != null) {
            if (order.isStrict()) {
                problems.add(problem);
            } else {
                skipped++;
            }
        } else if (order.dryRun()) {
            changes.add(change(message, message.state(), plan));
        } else {
            if (order.action() == QueueAdmin.Action.BOUNCE) {
                notices.send(message, order, plan.recipients());
            }
            MessageState after = order.apply(message.state(), plan.recipients(), Instant.now());
            writing.put(message.id(), store.spool().update(message.id(), after));
            AuditLog.change(events, order, message.envelope(), plan.recipients());
            changes.add(change(message, after, plan));
            // They share their syncs.
            if (writing.size() == TOGETHER) {
                await();
            }
        }
    }

    /** Waits until all changes are durable. */
    QueueResult finish() throws StartupException {
        await();
        QueueResult result = new QueueResult(changes, problems, skipped);
        if (!order.dryRun()) {
            AuditLog.summary(LOG, order, result);
        }
        return result;
    }

    private static List<Integer> pending(MessageState state) {
        return IntStream.range(0, state.recipients().size())
                .filter(index -> !state.recipients().get(index).isSettled())
                .boxed()
                .toList();
    }

    private static QueueResult.Change change(QueuedMessage message, MessageState state, QueueOrder.Plan plan) {
        return new QueueResult.Change(
                QueueView.offline(message.envelope(), state, message.contentLength()),
                plan.recipients().stream()
                        .map(index -> message.envelope()
                                .recipients()
                                .get(index)
                                .address()
                                .toString())
                        .toList());
    }

    private void await() throws StartupException {
        for (Map.Entry<QueueId, CompletionStage<Void>> each : writing.entrySet()) {
            try {
                each.getValue().toCompletableFuture().get();
            } catch (ExecutionException e) {
                throw new StartupException(each.getKey() + ": cannot be changed: " + Failures.text(e), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted", e);
            }
        }
        writing.clear();
    }
}
