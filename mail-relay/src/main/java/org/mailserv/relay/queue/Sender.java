package org.mailserv.relay.queue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.smtp.Delivery;
import org.mailserv.relay.smtp.DeliveryResult;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.relay.smtp.OutgoingContent;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;

/** Sends an entry over a connection: opens its message, sends it to all recipients there, and records the outcome. */
final class Sender {

    /** Receives entries after their run. */
    interface Listener {
        /** Called when the message is closed for these entries and their outcomes are recorded in it. */
        void ended(ActiveMessage active, List<QueueEntry> entries, boolean tried, @Nullable Problem problem);

        /** Called if the message could not be opened. */
        void unreadable(List<QueueEntry> entries, @Nullable Throwable failure);

        /** Called if an entry leaves the list of its domain, because another entry of its message goes to the same hosts. */
        void taken(QueueEntry entry);
    }

    private final ActiveMessages messages;
    private final BiFunction<Envelope, Recipient, ReversePath> reversePaths;
    private final int uncertainLosses;
    private final DeliveryPermit permit;
    private final Listener listener;
    private final RelayLoop loop;
    private final MailEvents events;

    /**
     * @param uncertainLosses number of uncertain losses after which a message is not sent again, because the server may have accepted it
     *     each time
     * @param permit asked before each transaction
     */
    Sender(
            ActiveMessages messages,
            BiFunction<Envelope, Recipient, ReversePath> reversePaths,
            int uncertainLosses,
            DeliveryPermit permit,
            Listener listener,
            RelayLoop loop,
            MailEvents events) {
        this.messages = messages;
        this.reversePaths = reversePaths;
        this.uncertainLosses = uncertainLosses;
        this.permit = permit;
        this.listener = listener;
        this.loop = loop;
        this.events = events;
    }

    /** One message on one connection, in as many transactions as its recipients need. */
    private static final class Run {
        private final PooledConnection pooled;
        private final List<QueueEntry> entries;
        private final ActiveMessage active;
        private final Deque<Integer> left = new ArrayDeque<>();
        private boolean tried;
        private @Nullable Problem problem;

        Run(PooledConnection pooled, List<QueueEntry> entries, ActiveMessage active) {
            this.pooled = pooled;
            this.entries = entries;
            this.active = active;
            entries.forEach(entry -> left.addAll(active.pending(entry.domain)));
        }
    }

    /** Sends an entry that was removed from its queue. */
    void send(PooledConnection pooled, QueueEntry entry) {
        List<QueueEntry> entries = new ArrayList<>();
        entry.place = QueueEntry.Place.ACTIVE;
        entries.add(entry);
        // Recipients of one message at one MX share the transaction.
        for (QueueEntry other = entry.sibling; other != entry; other = other.sibling) {
            if (other.place == QueueEntry.Place.READY && other.domain.queue == pooled.queue) {
                listener.taken(other);
                other.place = QueueEntry.Place.ACTIVE;
                entries.add(other);
            }
        }
        pooled.loading++;
        messages.use(entry.id(), (active, failure) -> {
            pooled.loading--;
            if (active == null) {
                listener.unreadable(entries, failure);
                pooled.roomFor(pooled.connection);
            } else {
                active.giveUpUncertain(uncertainLosses);
                next(new Run(pooled, entries, active));
            }
        });
    }

    private void next(Run run) {
        if (run.left.isEmpty() || !run.pooled.connection.isOpen() || !permit.isGiven()) {
            listener.ended(run.active, run.entries, run.tried, run.problem);
            run.pooled.roomFor(run.pooled.connection);
        } else if (run.pooled.connection.room() == 0) {
            run.pooled.waiting.add(() -> next(run));
        } else if (needsConversion(run) && run.active.conversionFailed) {
            run.active.conversionFailed = false;
            Outcome later = Outcome.deferred(3, 0, "the message could not be converted for the server");
            run.left.forEach(index -> run.active.record(index, later, null, true));
            run.left.clear();
            run.tried = true;
            run.problem = new Problem(null, later);
            next(run);
        } else if (needsConversion(run)) {
            run.pooled.loading++;
            messages.convert(run.active, () -> {
                run.pooled.loading--;
                next(run);
            });
        } else {
            ReversePath path = pathOf(run, run.left.element());
            List<Integer> some = new ArrayList<>();
            int most = run.pooled.connection.maxRecipients();
            for (int index : List.copyOf(run.left)) {
                if (some.size() < most && pathOf(run, index).equals(path)) {
                    run.left.remove((Integer) index);
                    some.add(index);
                }
            }
            run.pooled.submitted++;
            run.pooled.connection.submit(
                    new Delivery(run.active.envelope(), path, some, contentFor(run), new Submitted(run, some)));
        }
    }

    private ReversePath pathOf(Run run, int index) {
        Envelope envelope = run.active.envelope();
        return reversePaths.apply(envelope, envelope.recipients().get(index));
    }

    private static boolean isForSevenBit(Run run) {
        return run.pooled.connection.needsSevenBit(run.active.envelope(), run.active.content);
    }

    private static boolean needsConversion(Run run) {
        return run.active.sevenBit == null && !run.active.sealed && isForSevenBit(run);
    }

    private static OutgoingContent contentFor(Run run) {
        OutgoingContent converted = run.active.sevenBit;
        return converted != null && isForSevenBit(run) ? converted : run.active.content;
    }

    /** A transaction in progress. */
    private final class Submitted implements Delivery.Listener {
        private final Run run;
        private final List<Integer> recipients;
        private final long begin = System.nanoTime();

        Submitted(Run run, List<Integer> recipients) {
            this.run = run;
            this.recipients = recipients;
        }

        @Override
        public void finished(DeliveryResult result) {
            sent(run, recipients, result, Duration.ofNanos(System.nanoTime() - begin));
        }

        @Override
        public void mayBeSentTwice(String mta, String reason) {
            events.noted(MessageNote.of(
                    Kind.MAY_BE_SENT_TWICE, run.active.id(), Detail.text("mta", mta), Detail.text("reason", reason)));
        }
    }

    private void sent(Run run, List<Integer> recipients, DeliveryResult result, Duration attempt) {
        boolean passedOn = result.dsnPassedOn();
        for (int i = 0; i < recipients.size(); i++) {
            Outcome outcome = result.outcomes().get(i);
            if (!(outcome instanceof Outcome.Unsent)) {
                run.tried = true;
                report(run, recipients.get(i), outcome, result.mta(), attempt);
                run.active.record(recipients.get(i), outcome, result.mta(), passedOn);
                run.active.giveUpUncertain(uncertainLosses);
            }
            if (outcome instanceof Outcome.Delivered) {
                run.pooled.queue.problem = null;
            } else if (outcome instanceof Outcome.Deferred) {
                run.problem = new Problem(result.mta(), outcome);
            }
        }
        next(run);
    }

    private void report(Run run, int index, Outcome outcome, String mta, Duration attempt) {
        Envelope envelope = run.active.envelope();
        String reply =
                outcome instanceof Outcome.Delivered delivered ? delivered.reply() : new Problem(mta, outcome).text();
        RemoteDelivery event = new RemoteDelivery(
                run.active.id(), envelope.recipients().get(index).address(), mta, reply, attempt, loop.age(envelope));
        if (outcome instanceof Outcome.Delivered) {
            events.delivered(event);
        } else if (outcome instanceof Outcome.Deferred) {
            events.deferred(event);
        } else {
            events.failed(event);
        }
    }
}
