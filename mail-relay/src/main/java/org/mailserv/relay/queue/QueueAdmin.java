package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;

/**
 * Shows and changes the queue of a running server for its operator. Any thread may call it; nothing blocks. Messages are opened one after
 * the other, so that memory stays bounded for a large queue.
 */
public final class QueueAdmin {
    /** Actions on the queue. */
    public enum Action {
        /** Tries messages now. */
        RETRY,
        /** Puts messages on hold. */
        HOLD,
        /** Releases messages that are on hold. */
        RELEASE,
        /** Drops recipients without a notice. */
        REMOVE,
        /** Cancels recipients and returns the message to its sender. */
        BOUNCE;

        /** Returns the name for commands and the API. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final RelayLoop loop;
    private final Spool spool;
    private final QueueManager queue;
    private final Dispatcher dispatcher;
    private final ActiveMessages messages;
    private final Settlement settlement;
    private final MailEvents events;

    QueueAdmin(
            RelayLoop loop,
            Spool spool,
            QueueManager queue,
            Dispatcher dispatcher,
            ActiveMessages messages,
            Settlement settlement,
            MailEvents events) {
        this.loop = loop;
        this.spool = spool;
        this.queue = queue;
        this.dispatcher = dispatcher;
        this.messages = messages;
        this.settlement = settlement;
        this.events = events;
    }

    /** Returns the messages that match, in no order. */
    public CompletionStage<List<QueueView>> list(QueueFilter filter) {
        CompletableFuture<List<QueueView>> done = new CompletableFuture<>();
        loop.execute(() -> look(candidates(filter), filter, new ArrayList<>(), done));
        return done;
    }

    /** Returns the states of the destinations of domains, without those that no mail waits for. */
    public CompletionStage<Map<String, DestinationView>> destinations(Collection<String> domains) {
        List<String> wanted = List.copyOf(domains);
        CompletableFuture<Map<String, DestinationView>> done = new CompletableFuture<>();
        loop.execute(() -> {
            Map<String, DestinationView> views = new HashMap<>();
            for (String domain : wanted) {
                DomainQueue found = queue.domainQueues().find(domain);
                if (found != null && !found.isLocal()) {
                    views.put(domain, DestinationView.of(found, loop.now().toEpochMilli()));
                }
            }
            done.complete(views);
        });
        return done;
    }

    /**
     * Carries out an order, or reports what it would do. A recipient that is being sent to at the moment can be neither removed nor
     * bounced; it is listed among the problems of the result.
     */
    public CompletionStage<QueueResult> act(QueueOrder order) {
        return list(order.filter()).thenCompose(views -> {
            CompletableFuture<QueueResult> done = new CompletableFuture<>();
            loop.execute(
                    () -> new OrderRun(order, views, loop, messages, settlement, new Moves(), events, done).start());
            return done;
        });
    }

    /** Starts an attempt for all messages that wait for a domain. */
    void retryDomain(String domain) {
        DomainQueue waiting = queue.domainQueues().find(domain);
        if (waiting != null) {
            queue.readyAll(waiting);
            dispatcher.unblock(waiting);
        }
    }

    private Deque<QueueId> candidates(QueueFilter filter) {
        Deque<QueueId> ids = new ArrayDeque<>();
        if (!filter.ids().isEmpty()) {
            for (String text : filter.ids()) {
                QueueId id = parse(text);
                if (id != null && queue.find(id) != null) {
                    ids.add(id);
                }
            }
            return ids;
        }
        String domain = filter.domain() == null ? null : DomainNames.canonical(filter.domain());
        boolean countable = filter.limit() > 0
                && filter.sender() == null
                && filter.recipient() == null
                && filter.olderThan() == null;
        int most = countable ? filter.limit() : Integer.MAX_VALUE;
        queue.table().forEach(entry -> {
            if (ids.size() < most && (domain == null || waitsFor(entry, domain))) {
                ids.add(entry.id());
            }
        });
        return ids;
    }

    private static @Nullable QueueId parse(String text) {
        try {
            return QueueId.parse(text.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean waitsFor(QueueEntry entry, String domain) {
        QueueEntry one = entry;
        do {
            if (one.domain.name.equals(domain) || one.domain.isLocal()) {
                return true;
            }
            one = one.sibling;
        } while (one != entry);
        return false;
    }

    private void look(
            Deque<QueueId> ids, QueueFilter filter, List<QueueView> found, CompletableFuture<List<QueueView>> done) {
        QueueId id = ids.poll();
        if (id == null || filter.limit() > 0 && found.size() >= filter.limit()) {
            done.complete(found);
            return;
        }
        ActiveMessage active = messages.find(id);
        if (active != null) {
            add(view(active), filter, found);
            loop.execute(() -> look(ids, filter, found, done));
            return;
        }
        spool.open(id)
                .whenComplete((stored, failure) -> loop.execute(() -> {
                    if (stored != null) {
                        add(view(stored), filter, found);
                    }
                    look(ids, filter, found, done);
                }));
    }

    private QueueView view(ActiveMessage active) {
        return QueueView.of(
                active.envelope(), active.state(), active.stored.content().length(), waits(active.id()));
    }

    private QueueView view(StoredMessage stored) {
        try (stored) {
            MessageState newer = messages.unstored(stored.envelope().id());
            return QueueView.of(
                    stored.envelope(),
                    newer == null ? stored.state() : newer,
                    stored.content().length(),
                    waits(stored.envelope().id()));
        }
    }

    private void add(QueueView view, QueueFilter filter, List<QueueView> found) {
        // A settled message is about to leave the queue.
        if (view.queue() != QueueState.DONE && filter.fits(view, loop.now())) {
            found.add(view);
        }
    }

    private QueueView.Waits waits(QueueId id) {
        List<QueueEntry> ring = queue.ring(id);
        return recipient -> {
            String domain = DomainQueues.domainOf(recipient);
            return ring.stream()
                    .filter(entry -> entry.domain.name.equals(domain))
                    .findFirst()
                    .map(this::wait)
                    .orElseGet(() -> new QueueView.Wait(false, loop.now(), null));
        };
    }

    private QueueView.Wait wait(QueueEntry entry) {
        Instant now = loop.now();
        if (entry.place == QueueEntry.Place.ACTIVE) {
            return new QueueView.Wait(true, now, "is being sent at this moment");
        }
        Instant due = entry.place == QueueEntry.Place.WAITING ? Instant.ofEpochMilli(entry.due) : now;
        Backoff backoff = Backoff.of(entry.domain, loop.now().toEpochMilli());
        if (backoff == null) {
            boolean queued = entry.place == QueueEntry.Place.READY;
            return new QueueView.Wait(false, due, queued ? "waits for a connection to its destination" : null);
        }
        return new QueueView.Wait(
                false, backoff.until().isAfter(due) ? backoff.until() : due, backoff.describe(entry.domain.name));
    }

    /** The part of an order that moves entries. */
    final class Moves {
        private Moves() {}

        QueueView view(ActiveMessage active) {
            return QueueAdmin.this.view(active);
        }

        /** Returns whether a recipient is being sent to at this moment. */
        boolean isBusy(ActiveMessage active, int index) {
            String domain = DomainQueues.domainOf(active.envelope().recipients().get(index));
            return queue.ring(active.id()).stream()
                    .anyMatch(entry -> entry.domain.name.equals(domain) && entry.place == QueueEntry.Place.ACTIVE);
        }

        /** Moves the entries of a message to the place that its state requires. */
        void move(Action action, ActiveMessage active, List<Integer> recipients) {
            for (QueueEntry entry : queue.ring(active.id())) {
                switch (action) {
                    case RETRY -> {
                        if (isFor(entry, active, recipients)) {
                            retry(entry);
                        }
                    }
                    case HOLD -> {
                        if (entry.place != QueueEntry.Place.ACTIVE) {
                            queue.hold(entry);
                        }
                    }
                    case RELEASE -> {
                        if (entry.place == QueueEntry.Place.HELD) {
                            queue.ready(entry, false);
                            dispatcher.unblock(entry.domain);
                        }
                    }
                    case REMOVE -> {
                        if (isLeft(entry, active)) {
                            queue.gone(entry);
                        }
                    }
                    case BOUNCE -> {
                        if (isLeft(entry, active)) {
                            queue.take(entry);
                            active.settling.add(entry);
                        }
                    }
                }
            }
        }

        private void retry(QueueEntry entry) {
            if (entry.place == QueueEntry.Place.WAITING) {
                queue.take(entry);
                queue.ready(entry, false);
            }
            dispatcher.unblock(entry.domain);
        }

        private static boolean isFor(QueueEntry entry, ActiveMessage active, List<Integer> recipients) {
            return recipients.stream()
                    .map(index -> active.envelope().recipients().get(index))
                    .anyMatch(recipient -> DomainQueues.domainOf(recipient).equals(entry.domain.name));
        }

        /** Returns whether no recipient of an entry waits any more. */
        private static boolean isLeft(QueueEntry entry, ActiveMessage active) {
            return entry.place != QueueEntry.Place.ACTIVE
                    && active.pending(entry.domain).isEmpty();
        }
    }
}
