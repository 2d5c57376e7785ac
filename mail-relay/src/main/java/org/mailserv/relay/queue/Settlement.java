package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.bounce.Notice;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.bounce.Report;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;

/**
 * The consequences of an attempt: the stored state, the next attempt, the bounce. A bounce is in the spool before its recipient is marked
 * as failed. A crash between the two can cause a second bounce, but never loses one. Confined to the relay's loop.
 */
final class Settlement {
    private static final EnhancedStatus EXPIRED = new EnhancedStatus(4, 4, 7);
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final RelayLoop loop;
    private final UnstoredStates states;
    private final ActiveMessages messages;
    private final Notifier notifier;
    private final RetrySchedule schedule;
    private final QueueManager queue;
    private final MailEvents events;

    Settlement(
            RelayLoop loop,
            UnstoredStates states,
            ActiveMessages messages,
            Notifier notifier,
            RetrySchedule schedule,
            QueueManager queue,
            MailEvents events) {
        this.loop = loop;
        this.states = states;
        this.messages = messages;
        this.notifier = notifier;
        this.schedule = schedule;
        this.queue = queue;
        this.events = events;
    }

    /**
     * Handles entries after an attempt, or after something that counts as one.
     *
     * @param tried whether a server was contacted; otherwise the entries return unchanged
     * @param problem the reason why not everything is delivered, or null
     */
    void ended(ActiveMessage active, List<QueueEntry> entries, boolean tried, @Nullable Problem problem) {
        Instant next = null;
        for (QueueEntry entry : entries) {
            if (entry.place == QueueEntry.Place.GONE) {
                continue;
            }
            if (tried && !active.pending(entry.domain).isEmpty() && isOver(active.envelope())) {
                expire(active, entry.domain, problem);
            }
            if (!active.pending(entry.domain).isEmpty()) {
                Instant time = tried ? nextTry(active, entry, problem) : loop.now();
                next = next == null || time.isBefore(next) ? time : next;
                if (active.state().held()) {
                    queue.hold(entry);
                } else {
                    back(entry, tried, time);
                }
            } else if (active.hasRefused(entry.domain)) {
                active.settling.add(entry);
            } else {
                queue.gone(entry);
            }
        }
        if (tried && next != null) {
            active.countAttempt(next);
        }
        leave(active);
    }

    private void back(QueueEntry entry, boolean tried, Instant time) {
        if (tried) {
            queue.schedule(entry, time);
        } else {
            queue.ready(entry, true);
        }
    }

    private boolean isOver(Envelope envelope) {
        return !loop.now().isBefore(queue.expiry(envelope));
    }

    private Instant nextTry(ActiveMessage active, QueueEntry entry, @Nullable Problem problem) {
        entry.attempts = (byte) Math.min(entry.attempts + 1, Byte.MAX_VALUE);
        Instant time = loop.now().plus(schedule.after(entry.attempts, problem == null ? null : problem.text()));
        // The last attempt is at the very end of the lifetime, not hours before it.
        Instant end = queue.expiry(active.envelope());
        return time.isAfter(end) ? end : time;
    }

    /** Cancels the remaining recipients of a message at a domain. */
    private void expire(ActiveMessage active, DomainQueue domain, @Nullable Problem problem) {
        for (int index : active.pending(domain)) {
            RecipientState state = active.state().recipients().get(index);
            String last =
                    state.lastReply() != null ? state.lastReply() : problem == null ? "no answer" : problem.text();
            String mta = state.lastMta() != null ? state.lastMta() : problem == null ? null : problem.mta();
            events.expired(new DestinationFailure(active.id(), domain.name, last, 1, loop.age(active.envelope())));
            active.recordRefused(index, EXPIRED, mta, last);
        }
    }

    /** Removes a user of the message. */
    void leave(ActiveMessage active) {
        active.users--;
        persist(active);
        if (active.users > 0) {
            return;
        } else if (active.hasRefused()) {
            active.users++;
            bounce(active);
            return;
        }
        Notice success = active.takeSuccess();
        if (success != null) {
            active.users++;
            tell(success)
                    .whenComplete((done, failure) -> loop.execute(() -> {
                        if (failure != null) {
                            note(Kind.SUCCESS_NOTICE_FAILED, active.id(), failure);
                        }
                        leave(active);
                    }));
            return;
        }
        messages.close(active);
    }

    private void bounce(ActiveMessage active) {
        List<Report> reports = active.refusals();
        tell(new Notice(Notice.Kind.FAILED, active.stored, reports, null))
                .whenComplete((done, failure) -> loop.execute(() -> {
                    List<QueueEntry> entries = List.copyOf(active.settling);
                    active.settling.clear();
                    if (failure == null) {
                        active.settleRefused();
                        entries.forEach(queue::gone);
                    } else {
                        note(Kind.BOUNCE_FAILED, active.id(), failure);
                        active.unrefuse();
                        entries.forEach(entry -> again(active, entry));
                    }
                    List<Consumer<@Nullable Throwable>> told = List.copyOf(active.afterBounce);
                    active.afterBounce.clear();
                    told.forEach(listener -> listener.accept(failure));
                    leave(active);
                }));
    }

    private void again(ActiveMessage active, QueueEntry entry) {
        if (active.state().held()) {
            queue.hold(entry);
        } else {
            queue.schedule(entry, loop.now().plus(AGAIN));
        }
    }

    private void note(Kind kind, QueueId id, Throwable failure) {
        events.noted(MessageNote.because(kind, id, Failures.text(failure)));
    }

    /** Turns an immediate failure into a failed stage, so that the message does not stay open. */
    private CompletionStage<Void> tell(Notice notice) {
        try {
            return notifier.send(notice);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void persist(ActiveMessage active) {
        if (active.changed) {
            active.changed = false;
            states.store(active.id(), active.state());
        }
    }

    /** Handles a message that could not be read, because it is gone or the disk fails. */
    void unreadable(List<QueueEntry> entries, @Nullable Throwable failure) {
        for (QueueEntry entry : entries) {
            if (SpoolException.isNotFound(failure)) {
                queue.gone(entry);
            } else if (entry.place != QueueEntry.Place.GONE) {
                events.noted(MessageNote.because(Kind.MESSAGE_UNREADABLE, entry.id(), Failures.text(failure)));
                queue.schedule(entry, loop.now().plus(AGAIN));
            }
        }
    }

    /** Handles an entry as after a failed attempt, because the whole destination failed. */
    void settle(QueueEntry entry, Problem problem) {
        entry.place = QueueEntry.Place.ACTIVE;
        messages.use(entry.id(), (active, failure) -> {
            if (active == null) {
                unreadable(List.of(entry), failure);
                return;
            }
            String mta = problem.mta();
            List<Integer> recipients = active.pending(entry.domain);
            for (int index : recipients) {
                active.record(index, problem.outcome(), mta, true);
            }
            DestinationFailure event = new DestinationFailure(
                    active.id(), entry.domain.name, problem.text(), recipients.size(), loop.age(active.envelope()));
            if (problem.outcome() instanceof Outcome.Failed) {
                events.failed(event);
            } else {
                events.deferred(event);
            }
            ended(active, List.of(entry), true, problem);
        });
    }

    /** Handles a warning or the end of the lifetime of a waiting entry. */
    void overdue(QueueEntry entry, @Nullable Problem problem) {
        messages.use(entry.id(), (active, failure) -> {
            if (active == null) {
                unreadable(List.of(entry), failure);
            } else if (isOver(active.envelope())) {
                end(active, entry, problem);
            } else {
                warn(active, entry, problem);
            }
        });
    }

    private void end(ActiveMessage active, QueueEntry entry, @Nullable Problem problem) {
        boolean everTried = active.state().attempts() > 0 || problem != null;
        if (everTried) {
            expire(active, entry.domain, problem);
            ended(active, List.of(entry), false, null);
        } else {
            // The server was down for longer than the message's lifetime, and the message deserves one attempt.
            queue.watchAt(entry, loop.now().plus(Duration.ofMinutes(10)).toEpochMilli());
            ended(active, List.of(entry), false, null);
        }
    }

    private void warn(ActiveMessage active, QueueEntry entry, @Nullable Problem problem) {
        Envelope envelope = active.envelope();
        Instant end = queue.expiry(envelope);
        queue.watch(entry, envelope, true);
        Instant back = Instant.ofEpochMilli(entry.due);
        if (active.state().delayWarned()) {
            queue.schedule(entry, back);
            leave(active);
            return;
        }
        active.markWarned();
        List<Report> reports = active.allPending().stream()
                .map(index -> late(active, index, problem))
                .toList();
        queue.schedule(entry, back);
        tell(new Notice(Notice.Kind.DELAYED, active.stored, reports, end))
                .whenComplete((done, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        note(Kind.DELAY_WARNING_FAILED, active.id(), failure);
                    }
                    leave(active);
                }));
    }

    private static Report late(ActiveMessage active, int index, @Nullable Problem problem) {
        Recipient recipient = active.envelope().recipients().get(index);
        RecipientState state = active.state().recipients().get(index);
        String last =
                state.lastReply() != null ? state.lastReply() : problem == null ? "not tried yet" : problem.text();
        String mta = state.lastMta() != null ? state.lastMta() : problem == null ? null : problem.mta();
        return new Report(recipient, new EnhancedStatus(4, 4, 7), mta, last);
    }
}
