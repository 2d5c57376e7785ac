package org.mailserv.server.spool.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.LocalMailboxes.Delivered;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/**
 * Makes deliveries durable before the spool stops answering for them. A delivery that a mailbox's disk did not store is written there once
 * more, because a second sync of the same file may succeed although its pages are lost. If that fails too, the message is queued again
 * under a new id, for the mailboxes that lack it. Blocks.
 */
final class DeliverySync {

    private final LocalMailboxes mailboxes;
    private final Disk disk;
    private final QueueFolder queue;
    private final SealedIds ids;
    private final Consumer<QueuedMessage> requeued;
    private final MailEvents events;

    /** Opens messages that have to be written again. */
    interface Source {
        StoredMessage open(QueueId id) throws IOException, SpoolException, QueueFile.MalformedQueueFileException;
    }

    /** @param requeued receives a message that is a queue file again; called on the calling thread */
    DeliverySync(
            Disk disk,
            LocalMailboxes mailboxes,
            QueueFolder queue,
            SealedIds ids,
            Consumer<QueuedMessage> requeued,
            MailEvents events) {
        this.mailboxes = mailboxes;
        this.disk = disk;
        this.queue = queue;
        this.ids = ids;
        this.requeued = requeued;
        this.events = events;
    }

    /** Returns when each delivery is durable, in its mailbox or in the queue. */
    void sync(Collection<Delivered> deliveries, Source source) throws IOException {
        for (Delivered lost : mailboxes.sync(deliveries)) {
            try (StoredMessage message = source.open(lost.id())) {
                restore(message, lost.mailboxes());
            } catch (SpoolException | QueueFile.MalformedQueueFileException e) {
                throw new IOException("message " + lost.id() + ": " + Failures.text(e), e);
            }
        }
    }

    private void restore(StoredMessage message, List<MailboxName> lost) throws IOException {
        QueueId id = message.envelope().id();
        Set<MailboxName> failed = new HashSet<>(mailboxes.redeliver(message, lost));
        List<MailboxName> written = new ArrayList<>(lost);
        written.removeAll(failed);
        if (!written.isEmpty()) {
            mailboxes.sync(List.of(new Delivered(id, written))).forEach(again -> failed.addAll(again.mailboxes()));
        }
        events.noted(MessageNote.of(
                Kind.MAILBOX_REWRITTEN, id, Detail.word("mailboxes", lost), Detail.word("failed", failed)));
        if (!failed.isEmpty()) {
            requeue(message, failed);
        }
    }

    private void requeue(StoredMessage message, Set<MailboxName> failed) throws IOException {
        Envelope before = message.envelope();
        List<Recipient> recipients = new ArrayList<>();
        for (Recipient recipient : before.recipients()) {
            MailboxName mailbox = recipient.mailbox();
            if (mailbox != null && failed.remove(mailbox)) {
                recipients.add(recipient);
            }
        }
        Envelope envelope = before.copyFor(ids.next(), recipients);
        MessageState state = MessageState.initial(envelope);
        QueueBatch batch = new QueueBatch(disk, queue);
        batch.message(new Renamed(message, envelope, state), QueueFile.write(envelope));
        batch.finish(List.of());
        events.noted(MessageNote.of(Kind.REQUEUED, before.id(), Detail.word("as", envelope.id())));
        requeued.accept(new QueuedMessage(envelope, state, message.content().length()));
    }

    /** The content of a message under another envelope. */
    private record Renamed(StoredMessage message, Envelope envelope, MessageState state) implements StoredMessage {
        @Override
        public MessageContent content() {
            return message.content();
        }

        @Override
        public void close() {
            message.close();
        }
    }
}
