package org.mailserv.server.spool.file;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;

/** The messages that are not settled. Thread-safe. */
final class LiveMessages {
    private final ConcurrentMap<QueueId, LiveMessage> messages = new ConcurrentHashMap<>();

    @Nullable
    LiveMessage find(QueueId id) {
        return messages.get(id);
    }

    boolean contains(LiveMessage message) {
        return messages.get(message.id) == message;
    }

    /** Returns a snapshot. */
    List<LiveMessage> all() {
        return List.copyOf(messages.values());
    }

    int size() {
        return messages.size();
    }

    void remove(LiveMessage message) {
        messages.remove(message.id, message);
    }

    /** Returns a consumer of messages that are in the queue folder: each is added before the given consumer sees it. */
    Consumer<QueuedMessage> adding(Consumer<QueuedMessage> consumer) {
        return message -> {
            LiveMessage known = new LiveMessage(message.id());
            known.unpublished = LocalRecipients.ifPending(message.envelope().recipients(), message.state());
            messages.put(message.id(), known);
            consumer.accept(message);
        };
    }

    /**
     * Adds a message whose journal record is durable. The record's place must be set already.
     *
     * @param headLength octets of the head in the record
     * @param released run after the acceptance
     * @return ends the acceptance: from then on the segment may be retired
     */
    Runnable accept(Envelope envelope, LiveMessage message, Segment segment, int headLength, Runnable released) {
        message.segment = segment;
        message.headLength = headLength;
        messages.put(envelope.id(), message);
        segment.addMessage(message);
        return () -> {
            segment.accepted(message, publishedMailboxes(envelope, message));
            released.run();
        };
    }

    /** Returns the mailboxes that hold the message now. A failed one has nothing to sync, and its recipient stays queued. */
    private static List<MailboxName> publishedMailboxes(Envelope envelope, LiveMessage message) {
        synchronized (message) {
            MessageState state = message.state == null ? MessageState.initial(envelope) : message.state;
            message.unpublished = LocalRecipients.ifPending(envelope.recipients(), state);
            return LocalRecipients.deliveredMailboxes(envelope.recipients(), state);
        }
    }
}
