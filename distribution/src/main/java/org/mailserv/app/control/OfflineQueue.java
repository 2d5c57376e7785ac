package org.mailserv.app.control;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.file.FileSpool;

/** The queue of a server that is down: its files are read, and changed, as the server itself would at its next start. */
public final class OfflineQueue {
    private static final int TOGETHER = 1_000;

    private OfflineQueue() {}

    /** Does what is asked, and gives the messages that it was done to. Blocks. */
    public static List<QueueView> perform(MailservConfig config, QueueRequest request) throws StartupException {
        return open(config, (spool, messages) -> perform(spool, messages, request));
    }

    /** Operates on the spool of a stopped server. Blocks. */
    public interface Work<T> {
        /** @param messages that are not settled */
        T run(FileSpool spool, List<QueuedMessage> messages) throws StartupException, IOException, SpoolException;
    }

    /** Recovers the spool as the server would, with its lock and as its owner, and works on it. Blocks. */
    public static <T> T open(MailservConfig config, Work<T> work) throws StartupException {
        Disk disk = new RealDisk();
        OwnerOfData.become(config.dataDir());
        try (DataFolder folder = new DataFolder(config, disk)) {
            folder.lock();
            SealedIds ids = folder.ids();
            try (LocalMaildirs mailboxes = new LocalMaildirs(
                            folder.layout(),
                            disk,
                            config.spool().lanes(),
                            config.spool().laneQueue());
                    FileSpool spool = new FileSpool(folder.spoolConfig(), disk, mailboxes, ids)) {
                List<QueuedMessage> messages = new ArrayList<>();
                spool.recover(messages::add);
                spool.readQueue(messages::add);
                return work.run(spool, messages);
            }
        } catch (IOException | SpoolException e) {
            throw new StartupException("the queue cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<QueueView> perform(FileSpool spool, List<QueuedMessage> all, QueueRequest request)
            throws StartupException {
        Map<String, QueuedMessage> messages = new LinkedHashMap<>();
        List<QueueView> views = new ArrayList<>();
        QueueFilter filter = request.filter();
        all.forEach(message -> {
            QueueView view = QueueView.of(message.envelope(), message.state(), message.contentLength(), false);
            if (filter.fits(view) && (filter.limit() == 0 || views.size() < filter.limit())) {
                views.add(view);
                messages.put(view.id(), message);
            }
        });
        QueueAdmin.Action action = request.action();
        if (action != null) {
            Map<QueueId, CompletionStage<Void>> writing = new LinkedHashMap<>();
            for (QueuedMessage message : messages.values()) {
                writing.put(message.id(), spool.update(message.id(), action.apply(message.state(), Instant.now())));
                // They share their syncs.
                if (writing.size() == TOGETHER) {
                    await(writing);
                }
            }
            await(writing);
        }
        return views;
    }

    private static void await(Map<QueueId, CompletionStage<Void>> writing) throws StartupException {
        for (Map.Entry<QueueId, CompletionStage<Void>> each : writing.entrySet()) {
            try {
                each.getValue().toCompletableFuture().get();
            } catch (ExecutionException e) {
                throw new StartupException(each.getKey() + ": " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted", e);
            }
        }
        writing.clear();
    }
}
