package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.LocalMailboxes.Delivered;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes the states of messages and makes the changes durable. A settled message ends here. Thread-safe; no method blocks. */
final class StateUpdates {
    private static final Logger LOG = LoggerFactory.getLogger(StateUpdates.class);

    private final LiveMessages live;
    private final RelayCopies copies;
    private final MessageOpener opener;
    private final QueueFolder queue;
    private final DiskLanes lanes;
    private final DeliverySync deliverySync;
    private final Journal journal;
    private final MailEvents events;

    StateUpdates(
            LiveMessages live,
            RelayCopies copies,
            MessageOpener opener,
            QueueFolder queue,
            DiskLanes lanes,
            DeliverySync deliverySync,
            Journal journal,
            MailEvents events) {
        this.live = live;
        this.copies = copies;
        this.opener = opener;
        this.queue = queue;
        this.lanes = lanes;
        this.deliverySync = deliverySync;
        this.journal = journal;
        this.events = events;
    }

    /** Replaces the state of a message; completes when the new state is durable. */
    CompletionStage<Void> update(LiveMessage message, MessageState state) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<MailboxName> late = publishedLate(message, state);
        if (late.isEmpty()) {
            record(message, state, done);
            return done;
        }
        try {
            // The message's own record may be gone by now. A mailbox must be durable before its recipient is recorded
            // as delivered.
            lanes.lane(message.id).execute(() -> {
                try {
                    deliverySync.sync(List.of(new Delivered(message.id, late)), id -> opener.open(message));
                    record(message, state, done);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(SpoolException.ofDisk("mailbox", e));
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(SpoolException.overloaded(e));
        }
        return done;
    }

    /** Returns the mailboxes that were delivered to after the message's acceptance. */
    private static List<MailboxName> publishedLate(LiveMessage message, MessageState state) {
        synchronized (message) {
            return message.unpublished == null
                    ? List.of()
                    : LocalRecipients.deliveredMailboxes(message.unpublished, state);
        }
    }

    private void record(LiveMessage message, MessageState state, CompletableFuture<Void> done) {
        byte[] text = StateFile.write(state);
        byte[] payload = ByteBuffer.allocate(QueueId.LENGTH + text.length)
                .put(message.id.toString().getBytes(StandardCharsets.US_ASCII))
                .put(text)
                .array();
        journal.append(new OctetsEntry(Journal.KIND_STATE, payload, done) {
            @Override
            void recorded(Segment segment) {
                segment.addState(message);
                apply(message, state);
            }
        });
    }

    /** Changes the state of a message in memory only. */
    void apply(LiveMessage message, MessageState state) {
        boolean settled = state.isSettled();
        SegmentFile segment;
        synchronized (message) {
            message.state = state;
            message.settled |= settled;
            segment = message.segment;
        }
        if (settled) {
            live.remove(message);
            copies.forget(message.id);
            if (segment != null) {
                segment.removeMessage(message.id);
            } else {
                deleteFiles(message.id);
            }
        }
    }

    private void deleteFiles(QueueId id) {
        try {
            lanes.lane(id).execute(() -> {
                try {
                    queue.delete(id);
                } catch (IOException e) {
                    events.noted(MessageNote.of(Kind.QUEUE_FILE_LEFT, id, Detail.word("reason", e)));
                }
            });
        } catch (RejectedExecutionException e) {
            // The segment with the state deletes the files again when it is retired.
            LOG.debug("event=queue-file-left id={} reason=\"{}\"", id, Failures.text(e));
        }
    }
}
