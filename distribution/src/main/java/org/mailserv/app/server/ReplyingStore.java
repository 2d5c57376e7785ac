package org.mailserv.app.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.vacation.VacationResponder;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.GreylistMemory;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.Seats;
import org.mailserv.server.store.SharedCounts;
import org.mailserv.server.store.SharedFiles;

/** A store that shows each delivered message to the vacation responder. All else is that of the store behind it. */
final class ReplyingStore implements MailStore {
    private final MailStore store;
    private final MailEvents events;
    private final Mailboxes mailboxes;
    private volatile @Nullable VacationResponder responder;

    ReplyingStore(MailStore store, MailEvents events) {
        this.store = store;
        this.events = events;
        this.mailboxes = new Mailboxes(store.mailboxes());
    }

    /** Sets the responder, which needs the acceptor of this store. Until then no message is answered. */
    void answerBy(VacationResponder made) {
        responder = made;
    }

    @Override
    public MailboxStore mailboxes() {
        return mailboxes;
    }

    @Override
    public MessageAcceptor acceptor(MessageQueue queue, SuccessNotices notices) {
        return new SpoolingAcceptor(store.spool(), mailboxes, queue, notices, events);
    }

    private final class Mailboxes implements MailboxStore {
        private final MailboxStore behind;

        Mailboxes(MailboxStore behind) {
            this.behind = behind;
        }

        @Override
        public CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> targets) {
            VacationResponder answering = responder;
            CompletionStage<List<DeliveryOutcome>> delivered = behind.deliver(message, targets);
            return answering == null
                    ? delivered
                    : delivered.thenCompose(outcomes -> answering
                            .delivered(message, reached(targets, outcomes))
                            .thenApply(read -> outcomes));
        }

        private static List<MailboxName> reached(List<MailboxName> targets, List<DeliveryOutcome> outcomes) {
            List<MailboxName> reached = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                if (outcomes.get(i).isDelivered()) {
                    reached.add(targets.get(i));
                }
            }
            return reached;
        }

        @Override
        public CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
            return behind.usage(mailbox);
        }

        @Override
        public CompletionStage<Maildrop> open(MailboxName mailbox) {
            return behind.open(mailbox);
        }
    }

    @Override
    public Spool spool() {
        return store.spool();
    }

    @Override
    public Seats seats() {
        return store.seats();
    }

    @Override
    public DestinationBlocks blocks() {
        return store.blocks();
    }

    @Override
    public Lease lease() {
        return store.lease();
    }

    @Override
    public SharedCounts counts() {
        return store.counts();
    }

    @Override
    public GreylistMemory greylist() {
        return store.greylist();
    }

    @Override
    public Optional<SharedFiles> files() {
        return store.files();
    }

    @Override
    public void addDomain(String domain, @Nullable Path folder) {
        store.addDomain(domain, folder);
    }

    @Override
    public List<String> checkQueue() {
        return store.checkQueue();
    }

    @Override
    public int copyQueue(Path folder) throws IOException {
        return store.copyQueue(folder);
    }

    @Override
    public void close() {
        store.close();
    }
}
