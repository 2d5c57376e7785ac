package org.mailserv.relay.queue;

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
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes an entry through a connection: opens its message, sends it to all recipients there, takes down what came of it. */
final class Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);

    /** Where entries go when their run is over. */
    interface Listener {
        /** The message is open no more for these entries, and what was learned is in it. */
        void ended(Active active, List<Entry> entries, boolean tried, @Nullable Problem problem);

        /** The message could not be opened. */
        void unreadable(List<Entry> entries, @Nullable Throwable failure);

        /** The entry leaves the list of its site, because another one of its message goes to the same hosts. */
        void taken(Entry entry);
    }

    private final ActiveMessages messages;
    private final BiFunction<Envelope, Recipient, ReversePath> reversePaths;
    private final int uncertainLosses;
    private final Permit permit;
    private final Listener listener;

    /**
     * @param uncertainLosses after which a message is not sent again, because the server may have taken it each time
     * @param permit asked before each transaction
     */
    Sender(
            ActiveMessages messages,
            BiFunction<Envelope, Recipient, ReversePath> reversePaths,
            int uncertainLosses,
            Permit permit,
            Listener listener) {
        this.messages = messages;
        this.reversePaths = reversePaths;
        this.uncertainLosses = uncertainLosses;
        this.permit = permit;
        this.listener = listener;
    }

    /** One message in one connection, in as many transactions as its recipients need. */
    private static final class Run {
        private final Link link;
        private final List<Entry> entries;
        private final Active active;
        private final Deque<Integer> left = new ArrayDeque<>();
        private boolean tried;
        private @Nullable Problem problem;

        Run(Link link, List<Entry> entries, Active active) {
            this.link = link;
            this.entries = entries;
            this.active = active;
            entries.forEach(entry -> left.addAll(active.pending(entry.site)));
        }
    }

    /** Sends an entry that has been taken off its lane. */
    void send(Link link, Entry entry) {
        List<Entry> entries = new ArrayList<>();
        entry.place = Entry.Place.ACTIVE;
        entries.add(entry);
        // Recipients of one message on one MX share the transaction.
        for (Entry other = entry.sibling; other != entry; other = other.sibling) {
            if (other.place == Entry.Place.READY && other.site.lane == link.lane) {
                listener.taken(other);
                other.place = Entry.Place.ACTIVE;
                entries.add(other);
            }
        }
        link.loading++;
        messages.use(entry.id(), (active, failure) -> {
            link.loading--;
            if (active == null) {
                listener.unreadable(entries, failure);
                link.roomFor(link.connection);
            } else {
                active.giveUpUncertain(uncertainLosses);
                next(new Run(link, entries, active));
            }
        });
    }

    private void next(Run run) {
        if (run.left.isEmpty() || !run.link.connection.isOpen() || !permit.isGiven()) {
            listener.ended(run.active, run.entries, run.tried, run.problem);
            run.link.roomFor(run.link.connection);
        } else if (run.link.connection.room() == 0) {
            run.link.waiting.add(() -> next(run));
        } else if (needsConversion(run) && run.active.conversionFailed) {
            run.active.conversionFailed = false;
            Outcome later = Outcome.deferred(3, 0, "the message could not be converted for the server");
            run.left.forEach(index -> run.active.record(index, later, null, true));
            run.left.clear();
            run.tried = true;
            run.problem = new Problem(null, later);
            next(run);
        } else if (needsConversion(run)) {
            run.link.loading++;
            messages.convert(run.active, () -> {
                run.link.loading--;
                next(run);
            });
        } else {
            ReversePath path = pathOf(run, run.left.element());
            List<Integer> some = new ArrayList<>();
            int most = run.link.connection.maxRecipients();
            for (int index : List.copyOf(run.left)) {
                if (some.size() < most && pathOf(run, index).equals(path)) {
                    run.left.remove((Integer) index);
                    some.add(index);
                }
            }
            run.link.submitted++;
            run.link.connection.submit(new Delivery(
                    run.active.envelope(), path, some, contentFor(run), result -> sent(run, some, result)));
        }
    }

    private ReversePath pathOf(Run run, int index) {
        Envelope envelope = run.active.envelope();
        return reversePaths.apply(envelope, envelope.recipients().get(index));
    }

    private static boolean isForSevenBit(Run run) {
        return run.link.connection.needsSevenBit(run.active.envelope(), run.active.content);
    }

    private static boolean needsConversion(Run run) {
        return run.active.sevenBit == null && !run.active.sealed && isForSevenBit(run);
    }

    private static OutgoingContent contentFor(Run run) {
        OutgoingContent converted = run.active.sevenBit;
        return converted != null && isForSevenBit(run) ? converted : run.active.content;
    }

    private void sent(Run run, List<Integer> recipients, DeliveryResult result) {
        boolean passedOn = result.dsnPassedOn();
        for (int i = 0; i < recipients.size(); i++) {
            Outcome outcome = result.outcomes().get(i);
            if (!(outcome instanceof Outcome.Unsent)) {
                run.tried = true;
                log(run, recipients.get(i), outcome, result.mta());
                run.active.record(recipients.get(i), outcome, result.mta(), passedOn);
                run.active.giveUpUncertain(uncertainLosses);
            }
            if (outcome instanceof Outcome.Delivered) {
                run.link.lane.problem = null;
            } else if (outcome instanceof Outcome.Deferred) {
                run.problem = new Problem(result.mta(), outcome);
            }
        }
        next(run);
    }

    private static void log(Run run, int index, Outcome outcome, String mta) {
        String event = outcome instanceof Outcome.Delivered
                ? "delivered"
                : outcome instanceof Outcome.Deferred ? "deferred" : "refused";
        String reply =
                outcome instanceof Outcome.Delivered delivered ? delivered.reply() : new Problem(mta, outcome).text();
        LOG.info(
                "event={} id={} to=<{}> mta=\"{}\" reply=\"{}\"",
                event,
                run.active.id(),
                run.active.envelope().recipients().get(index).address(),
                mta,
                reply);
    }
}
