package org.mailserv.server.delivery;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/** Accepts messages: commits them to the spool, delivers them to local mailboxes, and queues them for other recipients. */
public final class SpoolingAcceptor implements MessageAcceptor {

    private final Spool spool;
    private final MailboxStore mailboxes;
    private final MessageQueue queue;
    private final SuccessNotices notices;
    private final MailEvents events;

    /**
     * @param notices notifies senders of success
     * @param events receives deliveries and their failures
     */
    public SpoolingAcceptor(
            Spool spool, MailboxStore mailboxes, MessageQueue queue, SuccessNotices notices, MailEvents events) {
        this.spool = spool;
        this.mailboxes = mailboxes;
        this.queue = queue;
        this.notices = notices;
        this.events = events;
    }

    @Override
    public CompletionStage<Void> accept(
            MessageWriter writer, Envelope envelope, ByteBuf trace, List<Recipient> expanded) {
        return writer.commit(envelope, trace).thenCompose(message -> deliver(message, expanded));
    }

    private CompletionStage<Void> deliver(StoredMessage message, List<Recipient> expanded) {
        List<MailboxName> local = new ArrayList<>();
        for (Recipient recipient : message.envelope().recipients()) {
            MailboxName mailbox = recipient.mailbox();
            if (mailbox != null && !local.contains(mailbox)) {
                local.add(mailbox);
            }
        }
        if (message.state().held()) {
            enqueue(message, message.state());
            return CompletableFuture.completedFuture(null);
        } else if (local.isEmpty()) {
            return tell(message, message.state(), expanded).thenRun(() -> enqueue(message, message.state()));
        }
        long begin = System.nanoTime();
        return published(message, local)
                .thenCompose(outcomes -> {
                    MessageState state = stateAfter(message, local, outcomes);
                    report(message, local, outcomes, System.nanoTime() - begin);
                    spool.noteDelivered(message.envelope().id(), state);
                    return tell(message, state, expanded).thenRun(() -> enqueue(message, state));
                })
                .exceptionally(failure -> {
                    // The message is in the spool and will be delivered, so it may be acknowledged.
                    events.noted(MessageNote.failure(
                            Kind.DELIVERY_FAILED, message.envelope().id(), failure));
                    enqueue(message, message.state());
                    return null;
                });
    }

    /** Returns the outcome for each mailbox. A failure of the store counts for every mailbox, and the queue tries again. */
    private CompletionStage<List<DeliveryOutcome>> published(StoredMessage message, List<MailboxName> local) {
        CompletionStage<List<DeliveryOutcome>> published;
        try {
            published = mailboxes.deliver(message, local);
        } catch (RuntimeException e) {
            published = CompletableFuture.failedFuture(e);
        }
        return published.exceptionally(failure -> {
            events.noted(MessageNote.failure(
                    Kind.MAILBOXES_FAILED, message.envelope().id(), failure));
            return Collections.nCopies(local.size(), new DeliveryOutcome(Failures.text(failure), false));
        });
    }

    /** Sends the notifications. They are in the spool before the message is acknowledged, so a crash loses none. The stage never fails. */
    private CompletionStage<Void> tell(StoredMessage message, MessageState state, List<Recipient> expanded) {
        Envelope envelope = message.envelope();
        List<Recipient> delivered = new ArrayList<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            Recipient recipient = envelope.recipients().get(i);
            if (recipient.isLocal()
                    && recipient.wants(Notify.SUCCESS)
                    && state.recipients().get(i).status() == RecipientState.Status.DELIVERED) {
                delivered.add(recipient);
            }
        }
        if (envelope.sender().isNull() || delivered.isEmpty() && expanded.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        } else if (envelope.junk()) {
            // The sender of junk is probably forged, so a notification would go to a victim.
            events.noted(MessageNote.of(
                    Kind.SUCCESS_NOTICE_WITHHELD, envelope.id(), MessageNote.Detail.word("reason", "junk")));
            return CompletableFuture.completedFuture(null);
        }
        CompletionStage<Void> told;
        try {
            told = notices.succeeded(message, delivered, expanded);
        } catch (RuntimeException e) {
            told = CompletableFuture.failedFuture(e);
        }
        return told.exceptionally(failure -> {
            events.noted(MessageNote.because(Kind.SUCCESS_NOTICE_FAILED, envelope.id(), Failures.text(failure)));
            return null;
        });
    }

    private void report(StoredMessage message, List<MailboxName> local, List<DeliveryOutcome> outcomes, long nanos) {
        Duration attempt = Duration.ofNanos(nanos);
        Duration age = Duration.between(message.envelope().arrival().time(), Instant.now());
        for (int i = 0; i < local.size(); i++) {
            if (outcomes.get(i).isDelivered()) {
                events.delivered(new LocalDelivery(message.envelope().id(), local.get(i), attempt, age));
            }
        }
    }

    private static MessageState stateAfter(
            StoredMessage message, List<MailboxName> local, List<DeliveryOutcome> outcomes) {
        List<RecipientState> recipients = new ArrayList<>(message.state().recipients());
        for (int i = 0; i < recipients.size(); i++) {
            MailboxName mailbox = message.envelope().recipients().get(i).mailbox();
            if (mailbox != null) {
                DeliveryOutcome outcome = outcomes.get(local.indexOf(mailbox));
                recipients.set(
                        i,
                        outcome.isDelivered()
                                ? RecipientState.DELIVERED_LOCALLY
                                : new RecipientState(RecipientState.Status.PENDING, null, outcome.failure()));
            }
        }
        return message.state().withRecipients(recipients);
    }

    private void enqueue(StoredMessage message, MessageState state) {
        QueuedMessage queued =
                new QueuedMessage(message.envelope(), state, message.content().length());
        message.close();
        if (!state.isSettled()) {
            queue.enqueue(queued);
        }
    }
}
