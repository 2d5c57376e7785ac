package org.mailserv.app.control;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.config.StoreSettings;
import org.mailserv.app.log.EventLog;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.text.Failures;

/** The queue of a server that is down: its files are read, and changed, as the server itself would at its next start. */
public final class OfflineQueue {
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
        List<String> missing = QueueResult.missing(
                order.filter(), found.stream().map(Found::view).toList());
        try (OfflineEvents offline = OfflineEvents.open(config, order.dryRun());
                OfflineNotices notices = new OfflineNotices(config, store, offline.events())) {
            OfflineOrder run = new OfflineOrder(order, store, offline.events(), notices, missing);
            for (Found each : found) {
                run.change(each.message());
            }
            return run.finish();
        }
    }
}
