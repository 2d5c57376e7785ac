package org.mailserv.server.delivery;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits to the spool, publishes in the mailboxes, and queues what is left. */
public final class SpoolingAcceptor implements MessageAcceptor {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolingAcceptor.class);

    private final Spool spool;
    private final MailboxStore mailboxes;
    private final MessageQueue queue;

    public SpoolingAcceptor(Spool spool, MailboxStore mailboxes, MessageQueue queue) {
        this.spool = spool;
        this.mailboxes = mailboxes;
        this.queue = queue;
    }

    @Override
    public CompletionStage<Void> accept(MessageWriter writer, Envelope envelope, ByteBuf trace) {
        return writer.commit(envelope, trace).thenCompose(this::deliver);
    }

    private CompletionStage<Void> deliver(StoredMessage message) {
        List<MailboxName> local = new ArrayList<>();
        for (Recipient recipient : message.envelope().recipients()) {
            MailboxName mailbox = recipient.mailbox();
            if (mailbox != null && !local.contains(mailbox)) {
                local.add(mailbox);
            }
        }
        if (local.isEmpty() || message.state().held()) {
            enqueue(message, message.state());
            return CompletableFuture.completedFuture(null);
        }
        return mailboxes.deliver(message, local).thenAccept(outcomes -> {
            MessageState state = stateAfter(message, local, outcomes);
            log(message, local, outcomes);
            spool.noteDelivered(message.envelope().id(), state);
            enqueue(message, state);
        });
    }

    private static void log(StoredMessage message, List<MailboxName> local, List<DeliveryOutcome> outcomes) {
        for (int i = 0; i < local.size(); i++) {
            if (outcomes.get(i).isDelivered()) {
                LOG.info("event=delivered id={} mailbox={}", message.envelope().id(), local.get(i));
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
        MessageState before = message.state();
        return new MessageState(
                recipients, before.attempts(), before.nextAttempt(), before.held(), before.delayWarned());
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
