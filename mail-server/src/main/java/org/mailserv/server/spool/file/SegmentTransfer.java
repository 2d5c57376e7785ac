package org.mailserv.server.spool.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/**
 * Makes everything that a segment answers for durable elsewhere: deliveries in their mailboxes, messages and states in the queue folder.
 * Every step may be repeated after a failure. Confined to one thread; all methods block.
 */
final class SegmentTransfer {
    private final Disk disk;
    private final QueueFolder queue;
    private final IncomingFolder incoming;
    private final MessageOpener opener;
    private final LiveMessages live;
    private final DeliverySync deliverySync;
    private final PendingDeletions pendingDeletions;

    SegmentTransfer(
            Disk disk,
            QueueFolder queue,
            IncomingFolder incoming,
            MessageOpener opener,
            LiveMessages live,
            DeliverySync deliverySync,
            PendingDeletions pendingDeletions) {
        this.disk = disk;
        this.queue = queue;
        this.incoming = incoming;
        this.opener = opener;
        this.live = live;
        this.deliverySync = deliverySync;
        this.pendingDeletions = pendingDeletions;
    }

    /** Returns when none of the segment's records is needed any more. */
    void transfer(Segment segment) throws IOException {
        syncDeliveries(segment);
        storeMessages(segment);
        storeStates(segment);
        // A deletion follows its record and may not have happened yet. Without the record it never would.
        pendingDeletions.delete(segment.deletions());
        for (QueueId id : segment.incoming()) {
            incoming.delete(id);
        }
    }

    private void syncDeliveries(Segment segment) throws IOException {
        Map<LocalMailboxes.Delivered, LiveMessage> deliveries = segment.deliveries();
        Map<QueueId, LiveMessage> byId = new HashMap<>();
        deliveries.values().forEach(message -> byId.put(message.id, message));
        deliverySync.sync(deliveries.keySet(), id -> {
            LiveMessage message = byId.get(id);
            if (message == null) {
                throw new IOException("message " + id + " is not in segment " + segment.number);
            }
            return opener.open(segment, message);
        });
    }

    private void storeMessages(Segment segment) throws IOException {
        List<QueueId> stored = new ArrayList<>();
        List<LiveMessage> messages = segment.messages();
        QueueBatch batch = new QueueBatch(disk, queue);
        Map<LiveMessage, MessageState> states = new HashMap<>();
        for (LiveMessage message : messages) {
            if (!live.contains(message)) {
                continue;
            }
            if (message.length > 0) {
                batch.message(message.id, segment.file.channel(), message.offset, message.length);
            } else if (incoming.contains(message.id)) {
                takeIncoming(segment, message, batch);
            }
            writeState(message, batch, states);
            stored.add(message.id);
        }
        batch.finish(stored);
        states.forEach(SegmentTransfer::forget);
        for (LiveMessage message : messages) {
            synchronized (message) {
                message.segment = null;
                if (!message.settled) {
                    continue;
                }
            }
            queue.delete(message.id);
        }
    }

    private void takeIncoming(Segment segment, LiveMessage message, QueueBatch batch) throws IOException {
        if (!message.mailboxFormat) {
            queue.adopt(message.id, incoming.fileOf(message.id));
            return;
        }
        try (StoredMessage stored = opener.open(segment, message)) {
            batch.message(stored, QueueFile.write(stored.envelope()));
        } catch (QueueFile.MalformedQueueFileException e) {
            throw new IOException("message " + message.id + ": " + Failures.text(e), e);
        }
    }

    private void storeStates(Segment segment) throws IOException {
        List<QueueId> deleted = new ArrayList<>();
        QueueBatch batch = new QueueBatch(disk, queue);
        Map<LiveMessage, MessageState> states = new HashMap<>();
        for (LiveMessage message : segment.states()) {
            boolean settled;
            boolean inSegment;
            synchronized (message) {
                settled = message.settled;
                inSegment = message.segment != null;
            }
            if (inSegment) {
                // The segment of the message itself is retired later and stores the state.
                continue;
            }
            if (settled) {
                queue.delete(message.id);
                deleted.add(message.id);
            } else {
                writeState(message, batch, states);
            }
        }
        batch.finish(deleted);
        states.forEach(SegmentTransfer::forget);
        for (LiveMessage message : states.keySet()) {
            synchronized (message) {
                if (!message.settled) {
                    continue;
                }
            }
            // It was settled meanwhile, and its files may have been deleted before the state file was renamed.
            queue.delete(message.id);
        }
    }

    private static void writeState(LiveMessage message, QueueBatch batch, Map<LiveMessage, MessageState> states)
            throws IOException {
        MessageState state;
        synchronized (message) {
            state = message.state;
        }
        if (state != null) {
            batch.state(message.id, state);
            states.put(message, state);
        }
    }

    /** Drops a state that is in its file now, unless a later one has replaced it. */
    private static void forget(LiveMessage message, MessageState state) {
        synchronized (message) {
            if (message.state == state) {
                message.state = null;
            }
        }
    }
}
