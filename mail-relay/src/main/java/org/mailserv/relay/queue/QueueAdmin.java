package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator does to the queue of a running server. Any thread; nothing blocks. Messages are opened one after the other, so that a
 * large queue costs time and not memory.
 */
public final class QueueAdmin {
    private static final Logger LOG = LoggerFactory.getLogger(QueueAdmin.class);

    /** What can be done to a message. */
    public enum Action {
        RETRY,
        HOLD,
        RELEASE,
        REMOVE;

        /** The state that a message has afterwards. */
        public MessageState apply(MessageState state, Instant now) {
            return switch (this) {
                case RETRY -> with(state, now, state.held());
                case HOLD -> with(state, state.nextAttempt(), true);
                case RELEASE -> with(state, now, false);
                case REMOVE -> removed(state);
            };
        }

        private static MessageState with(MessageState state, Instant next, boolean held) {
            return new MessageState(state.recipients(), state.attempts(), next, held, state.delayWarned());
        }

        private static MessageState removed(MessageState state) {
            List<RecipientState> recipients = new ArrayList<>();
            state.recipients()
                    .forEach(one -> recipients.add(
                            one.isSettled()
                                    ? one
                                    : new RecipientState(
                                            RecipientState.Status.REMOVED, one.lastMta(), one.lastReply())));
            return new MessageState(
                    recipients, state.attempts(), state.nextAttempt(), state.held(), state.delayWarned());
        }
    }

    private final RelayLoop loop;
    private final Spool spool;
    private final QueueManager queue;
    private final Dispatcher dispatcher;
    private final ActiveMessages messages;
    private final Settlement settlement;

    QueueAdmin(
            RelayLoop loop,
            Spool spool,
            QueueManager queue,
            Dispatcher dispatcher,
            ActiveMessages messages,
            Settlement settlement) {
        this.loop = loop;
        this.spool = spool;
        this.queue = queue;
        this.dispatcher = dispatcher;
        this.messages = messages;
        this.settlement = settlement;
    }

    /** The messages that fit, in no order. */
    public CompletionStage<List<QueueView>> list(QueueFilter filter) {
        CompletableFuture<List<QueueView>> done = new CompletableFuture<>();
        loop.execute(() -> look(candidates(filter), filter, new ArrayList<>(), done));
        return done;
    }

    /** Does something to the messages that fit, and gives them as they were. A message that is being sent at this moment cannot be removed. */
    public CompletionStage<List<QueueView>> act(Action action, QueueFilter filter) {
        return list(filter).thenCompose(views -> {
            CompletableFuture<List<QueueView>> done = new CompletableFuture<>();
            loop.execute(() -> act(action, new ArrayDeque<>(views), new ArrayList<>(), done));
            return done;
        });
    }

    /** Begins a try for all that waits for a domain. */
    void retryDomain(String domain) {
        Site site = queue.sites().find(domain);
        if (site != null) {
            queue.readyAll(site);
            dispatcher.unblock(site);
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
        int most = filter.limit() > 0 && filter.sender() == null && filter.recipient() == null
                ? filter.limit()
                : Integer.MAX_VALUE;
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

    private static boolean waitsFor(Entry entry, String domain) {
        Entry one = entry;
        do {
            if (one.site.domain.equals(domain) || one.site.isLocal()) {
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
        Active active = messages.find(id);
        if (active != null) {
            add(
                    QueueView.of(
                            active.envelope(),
                            active.state(),
                            active.stored.content().length(),
                            isActive(id)),
                    filter,
                    found);
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

    private static QueueView view(StoredMessage stored) {
        try (stored) {
            return QueueView.of(
                    stored.envelope(), stored.state(), stored.content().length(), false);
        }
    }

    private static void add(QueueView view, QueueFilter filter, List<QueueView> found) {
        if (filter.fits(view)) {
            found.add(view);
        }
    }

    private boolean isActive(QueueId id) {
        Entry first = queue.find(id);
        Entry one = first;
        while (one != null) {
            if (one.place == Entry.Place.ACTIVE) {
                return true;
            }
            one = one.sibling == first ? null : one.sibling;
        }
        return false;
    }

    private void act(
            Action action, Deque<QueueView> views, List<QueueView> changed, CompletableFuture<List<QueueView>> done) {
        QueueView view = views.poll();
        if (view == null) {
            done.complete(changed);
            return;
        }
        QueueId id = QueueId.parse(view.id());
        messages.use(id, (active, failure) -> {
            if (active != null) {
                if (action != Action.REMOVE || !isActive(id)) {
                    LOG.info("event=queue-{} id={}", action.name().toLowerCase(Locale.ROOT), id);
                    active.setState(action.apply(active.state(), loop.now()));
                    move(action, id);
                    changed.add(view);
                }
                settlement.leave(active);
            }
            loop.execute(() -> act(action, views, changed, done));
        });
    }

    private void move(Action action, QueueId id) {
        for (Entry entry : queue.ring(id)) {
            switch (action) {
                case RETRY -> {
                    if (entry.place == Entry.Place.WAITING) {
                        queue.take(entry);
                        queue.ready(entry, false);
                    }
                    dispatcher.unblock(entry.site);
                }
                case HOLD -> {
                    if (entry.place != Entry.Place.ACTIVE) {
                        queue.hold(entry);
                    }
                }
                case RELEASE -> {
                    if (entry.place == Entry.Place.HELD) {
                        queue.ready(entry, false);
                        dispatcher.unblock(entry.site);
                    }
                }
                case REMOVE -> queue.gone(entry);
            }
        }
    }
}
