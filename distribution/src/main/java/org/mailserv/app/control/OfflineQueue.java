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
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.config.StoreSettings;
import org.mailserv.app.log.EventLog;
import org.mailserv.relay.queue.AuditLog;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue of a server that is down: its files are read, and changed, as the server itself would at its next start. */
public final class OfflineQueue {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineQueue.class);
    private static final int TOGETHER = 1_000;

    private OfflineQueue() {}

    /** Returns the messages that match. Blocks. */
    public static List<QueueMessage> list(MailservConfig config, QueueFilter filter) throws StartupException {
        return open(
                config,
                (store, messages) -> select(messages, filter).stream()
                        .map(found -> QueueMessage.of(found.view()))
                        .toList());
    }

    /** Changes the queue as a running server would. Blocks. */
    public static QueueChanged change(MailservConfig config, QueueOrder order) throws StartupException {
        return QueueChanged.of(open(config, (store, messages) -> act(config, store, messages, order)));
    }

    /** Work on the spool of a server that is down. Blocks. */
    public interface Work<T> {
        /** @param messages that are not settled */
        T run(MailStore store, List<QueuedMessage> messages) throws StartupException, IOException, SpoolException;
    }

    /** Recovers the spool as the server would, with its lock and as its owner, and works on it. Blocks. */
    public static <T> T open(MailservConfig config, Work<T> work) throws StartupException {
        if (config.store().kind() == StoreSettings.Kind.CASSANDRA) {
            // A node that owns only some of the queue must not pretend that this is all.
            throw new StartupException("store.kind = cassandra: the queue belongs to the running servers"
                    + " (expected: the command on a machine where one runs)");
        }
        Disk disk = new RealDisk();
        OwnerOfData.become(config.dataDir());
        try (DataFolder folder = new DataFolder(config, disk)) {
            folder.lock();
            try (MailStore store = folder.openStore(new EventLog(null))) {
                return work.run(store, ArrivedMessages.of(store.spool()));
            }
        } catch (IOException | SpoolException e) {
            throw new StartupException("the queue in " + config.dataDir() + " cannot be read: " + Failures.text(e), e);
        }
    }

    private static List<Found> select(List<QueuedMessage> all, QueueFilter filter) {
        List<Found> found = new ArrayList<>();
        Instant now = Instant.now();
        for (QueuedMessage message : all) {
            QueueView view = QueueView.offline(message.envelope(), message.state(), message.contentLength());
            if (filter.fits(view, now) && (filter.limit() == 0 || found.size() < filter.limit())) {
                found.add(new Found(message, view));
            }
        }
        return found;
    }

    /** A message that matches. */
    private record Found(QueuedMessage message, QueueView view) {}

    private static QueueResult act(MailservConfig config, MailStore store, List<QueuedMessage> all, QueueOrder order)
            throws StartupException, IOException {
        List<Found> found = select(all, order.filter());
        List<QueueResult.Change> changes = new ArrayList<>();
        List<String> problems = new ArrayList<>(QueueResult.missing(
                order.filter(), found.stream().map(Found::view).toList()));
        int skipped = 0;
        Map<QueueId, CompletionStage<Void>> writing = new LinkedHashMap<>();
        try (OfflineEvents offline = OfflineEvents.open(config, order.dryRun());
                OfflineNotices notices = new OfflineNotices(config, store, offline.events())) {
            for (Found each : found) {
                QueuedMessage message = each.message();
                QueueOrder.Plan plan = order.plan(message.envelope(), message.state(), pending(message.state()));
                if (plan.problem() != null) {
                    if (order.isStrict()) {
                        problems.add(plan.problem());
                    } else {
                        skipped++;
                    }
                    continue;
                }
                if (order.dryRun()) {
                    changes.add(change(message, message.state(), plan));
                    continue;
                }
                if (order.action() == QueueAdmin.Action.BOUNCE) {
                    notices.send(message, order, plan.recipients());
                }
                MessageState after = order.apply(message.state(), plan.recipients(), Instant.now());
                writing.put(message.id(), store.spool().update(message.id(), after));
                AuditLog.change(offline.events(), order, message.envelope(), plan.recipients());
                changes.add(change(message, after, plan));
                // They share their syncs.
                if (writing.size() == TOGETHER) {
                    await(writing);
                }
            }
            await(writing);
            QueueResult result = new QueueResult(changes, problems, skipped);
            if (!order.dryRun()) {
                AuditLog.summary(LOG, order, result);
            }
            return result;
        }
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

    private static void await(Map<QueueId, CompletionStage<Void>> writing) throws StartupException {
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
