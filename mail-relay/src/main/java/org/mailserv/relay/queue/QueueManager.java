package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.RelayConfig.RetryConfig;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of all waiting messages: which message, for which domain, and when. Each event takes a step in a heap, however many messages
 * there are. The index does not decide what happens to a message that is due. Confined to the relay's loop, except for {@link #enqueue}.
 */
final class QueueManager implements MessageQueue {
    /** Handles entries whose time has come. */
    interface Listener {
        /** Called when a domain has something to send. */
        void ready(DomainQueue domain);

        /** Called when a warning or the end of its lifetime is due for a waiting entry. The entry is ACTIVE now. */
        void overdue(QueueEntry entry);
    }

    private static final Logger LOG = LoggerFactory.getLogger(QueueManager.class);
    private static final Duration CLOCK_LOOK = Duration.ofSeconds(1);
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(5);

    private final RelayLoop loop;
    private final RetryConfig config;
    private final Listener listener;
    private final DomainQueues domains = new DomainQueues();
    private final QueueEntryTable table = new QueueEntryTable();
    private final QueueEntryHeap due = new QueueEntryHeap.Due();
    private final QueueEntryHeap deadlines = new QueueEntryHeap.Deadlines();
    private RelayLoop.@Nullable Timer timer;
    private long timerAt = Long.MAX_VALUE;
    private boolean closed;
    private boolean watching;
    private long lastWall;
    private long lastElapsed;

    QueueManager(RelayLoop loop, RetryConfig config, Listener listener) {
        this.loop = loop;
        this.config = config;
        this.listener = listener;
    }

    @Override
    public void enqueue(QueuedMessage message) {
        loop.execute(() -> add(message));
    }

    private void add(QueuedMessage message) {
        if (closed || table.get(message.id()) != null) {
            return;
        }
        MessageState state = message.state();
        Envelope envelope = message.envelope();
        Map<String, QueueEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            Recipient recipient = envelope.recipients().get(i);
            if (!state.recipients().get(i).isSettled()) {
                entries.computeIfAbsent(
                        DomainQueues.domainOf(recipient), domain -> new QueueEntry(envelope.id(), domains.of(domain)));
            }
        }
        QueueEntry first = null;
        for (QueueEntry entry : entries.values()) {
            entry.domain.entries++;
            entry.attempts = (byte) Math.min(state.attempts(), Byte.MAX_VALUE);
            if (first == null) {
                first = entry;
                table.put(entry);
            } else {
                entry.joinRing(first);
            }
        }
        if (!watching) {
            watchClock();
        }
        Instant start = envelope.holdUntil() != null && envelope.holdUntil().isAfter(state.nextAttempt())
                ? envelope.holdUntil()
                : state.nextAttempt();
        for (QueueEntry entry : entries.values()) {
            watch(entry, envelope, state.delayWarned());
            if (state.held()) {
                entry.place = QueueEntry.Place.HELD;
            } else {
                schedule(entry, start);
            }
        }
    }

    private long now() {
        return loop.now().toEpochMilli();
    }

    /** Returns the time after which a message is no longer tried. */
    Instant expiry(Envelope envelope) {
        Duration life = envelope.sender().isNull() ? config.bounceLifetime() : config.lifetime();
        Instant end = envelope.arrival().time().plus(life);
        Instant wanted = envelope.deliverBy();
        return wanted != null && wanted.isBefore(end) ? wanted : end;
    }

    /** Returns the time at which the sender is warned, or null for never. */
    @Nullable
    Instant warning(Envelope envelope) {
        return config.delayWarning().isZero() || envelope.sender().isNull()
                ? null
                : envelope.arrival().time().plus(config.delayWarning());
    }

    /** Sets the time of the next warning, or of the end. */
    void watch(QueueEntry entry, Envelope envelope, boolean warned) {
        Instant warning = warned ? null : warning(envelope);
        Instant end = expiry(envelope);
        watchAt(entry, (warning != null && warning.isBefore(end) ? warning : end).toEpochMilli());
    }

    void watchAt(QueueEntry entry, long time) {
        if (entry.place == QueueEntry.Place.GONE) {
            return;
        }
        entry.deadline = time;
        deadlines.put(entry);
        arm();
    }

    /** Makes an entry wait until a time. A past time makes it ready. */
    void schedule(QueueEntry entry, Instant time) {
        if (entry.place == QueueEntry.Place.GONE) {
            return;
        }
        entry.due = time.toEpochMilli();
        if (entry.due <= now()) {
            ready(entry, false);
        } else {
            entry.place = QueueEntry.Place.WAITING;
            due.put(entry);
            arm();
        }
    }

    /** Makes an entry ready to be sent. */
    void ready(QueueEntry entry, boolean first) {
        if (entry.place == QueueEntry.Place.GONE) {
            return;
        }
        if (first) {
            entry.domain.addFirst(entry);
        } else {
            entry.domain.addLast(entry);
        }
        listener.ready(entry.domain);
    }

    /** Removes an entry from the structure that holds it. */
    void take(QueueEntry entry) {
        if (entry.place == QueueEntry.Place.READY) {
            entry.domain.remove(entry);
        } else if (entry.place == QueueEntry.Place.WAITING) {
            due.remove(entry);
        }
        entry.place = QueueEntry.Place.ACTIVE;
    }

    /** Puts an entry on hold. */
    void hold(QueueEntry entry) {
        if (entry.place == QueueEntry.Place.GONE) {
            return;
        }
        take(entry);
        entry.place = QueueEntry.Place.HELD;
    }

    /** Removes an entry that is finished. */
    void gone(QueueEntry entry) {
        if (entry.place == QueueEntry.Place.GONE) {
            return;
        }
        take(entry);
        entry.place = QueueEntry.Place.GONE;
        deadlines.remove(entry);
        entry.domain.entries--;
        domains.left(entry.domain);
        QueueEntry other = entry.leaveRing();
        if (other == null) {
            table.remove(entry.id());
        } else {
            table.put(other);
        }
    }

    /**
     * Drops messages that belong to another node. Deliveries in progress end, and nothing is left of them afterwards. Visits the whole
     * queue.
     */
    void drop(Predicate<QueueId> some) {
        List<QueueEntry> lost = new ArrayList<>();
        table.forEach(entry -> {
            if (some.test(entry.id())) {
                lost.addAll(ring(entry.id()));
            }
        });
        lost.forEach(this::gone);
    }

    /**
     * Corrects waits after the clock was set back; otherwise messages would wait longer by that time. A clock that is set forward only
     * makes attempts early.
     */
    private void watchClock() {
        long wall = now();
        long elapsed = loop.elapsedMillis();
        long jump = watching ? wall - lastWall - (elapsed - lastElapsed) : 0;
        lastWall = wall;
        lastElapsed = elapsed;
        if (jump < -CLOCK_SLACK.toMillis()) {
            LOG.warn("event=clock-set-back seconds={} waiting={}", -jump / 1000, due.size());
            due.forEach(entry -> entry.due += jump);
            timerAt = Long.MAX_VALUE;
            arm();
        }
        watching = !closed && table.size() > 0;
        if (watching) {
            loop.schedule(CLOCK_LOOK, this::watchClock);
        }
    }

    private void arm() {
        QueueEntry first = due.peek();
        QueueEntry second = deadlines.peek();
        long next =
                Math.min(first == null ? Long.MAX_VALUE : first.due, second == null ? Long.MAX_VALUE : second.deadline);
        if (closed || next >= timerAt) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timerAt = next;
        timer = loop.schedule(Duration.ofMillis(Math.max(0, next - now())), this::tick);
    }

    private void tick() {
        timer = null;
        timerAt = Long.MAX_VALUE;
        long now = now();
        for (QueueEntry entry = due.peek(); entry != null && entry.due <= now && !closed; entry = due.peek()) {
            due.remove(entry);
            ready(entry, false);
        }
        for (QueueEntry entry = deadlines.peek();
                entry != null && entry.deadline <= now && !closed;
                entry = deadlines.peek()) {
            if (entry.place == QueueEntry.Place.ACTIVE || entry.place == QueueEntry.Place.HELD) {
                entry.deadline = now + Duration.ofMinutes(1).toMillis();
                deadlines.put(entry);
            } else {
                deadlines.remove(entry);
                take(entry);
                listener.overdue(entry);
            }
        }
        arm();
    }

    /** Returns one entry of the message's ring, or null. */
    @Nullable
    QueueEntry find(QueueId id) {
        return table.get(id);
    }

    /** Returns all entries of a message. */
    List<QueueEntry> ring(QueueId id) {
        List<QueueEntry> ring = new ArrayList<>();
        QueueEntry first = table.get(id);
        for (QueueEntry one = first; one != null; one = one.sibling == first ? null : one.sibling) {
            ring.add(one);
        }
        return ring;
    }

    /** Makes all entries of a domain ready. Visits the whole queue, so this is for operators and not for events. */
    void readyAll(DomainQueue domain) {
        List<QueueEntry> waiting = new ArrayList<>();
        table.forEach(entry -> ring(entry.id()).forEach(one -> {
            if (one.domain == domain && one.place == QueueEntry.Place.WAITING) {
                waiting.add(one);
            }
        }));
        waiting.forEach(one -> {
            take(one);
            ready(one, false);
        });
    }

    QueueEntryTable table() {
        return table;
    }

    DomainQueues domainQueues() {
        return domains;
    }

    /** Returns the number of messages, as another thread sees it. */
    int sizeSeen() {
        return table.sizeSeen();
    }

    /** Returns the number of messages. */
    int size() {
        return table.size();
    }

    /** Returns the domains of waiting mail with their numbers of messages. */
    List<Map.Entry<String, Integer>> domains() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        domains.all().forEach(domain -> counts.put(domain.name, domain.entries));
        return List.copyOf(counts.entrySet());
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
