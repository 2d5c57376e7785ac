package org.mailserv.relay.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.text.Failures;

/** Delivers mail again that could not be stored in a local mailbox when it arrived. Confined to the relay's loop. */
final class LocalRetries {
    private static final int AT_ONCE = 16;

    private final RelayLoop loop;
    private final MailboxStore mailboxes;
    private final ActiveMessages messages;
    private final Settlement settlement;
    private final MailEvents events;
    private int running;

    LocalRetries(
            RelayLoop loop, MailboxStore mailboxes, ActiveMessages messages, Settlement settlement, MailEvents events) {
        this.loop = loop;
        this.mailboxes = mailboxes;
        this.messages = messages;
        this.settlement = settlement;
        this.events = events;
    }

    void wake(DomainQueue domain) {
        while (running < AT_ONCE) {
            QueueEntry entry = domain.poll();
            if (entry == null) {
                return;
            }
            entry.place = QueueEntry.Place.ACTIVE;
            running++;
            messages.use(entry.id(), (active, failure) -> {
                if (active == null) {
                    settlement.unreadable(List.of(entry), failure);
                    done(domain);
                } else {
                    deliver(active, entry);
                }
            });
        }
    }

    private void done(DomainQueue domain) {
        running--;
        loop.execute(() -> wake(domain));
    }

    private void deliver(ActiveMessage active, QueueEntry entry) {
        List<Integer> indexes = active.pending(entry.domain);
        List<MailboxName> targets = new ArrayList<>();
        for (int index : indexes) {
            Recipient recipient = active.envelope().recipients().get(index);
            MailboxName mailbox = recipient.mailbox();
            if (mailbox != null && !targets.contains(mailbox)) {
                targets.add(mailbox);
            }
        }
        if (targets.isEmpty()) {
            settlement.ended(active, List.of(entry), false, null);
            done(entry.domain);
            return;
        }
        long begin = System.nanoTime();
        published(active, targets)
                .whenComplete((outcomes, failure) -> loop.execute(() -> {
                    report(active, targets, outcomes, Duration.ofNanos(System.nanoTime() - begin));
                    for (int index : indexes) {
                        MailboxName mailbox =
                                active.envelope().recipients().get(index).mailbox();
                        DeliveryOutcome outcome = outcomes == null || mailbox == null
                                ? new DeliveryOutcome(Failures.text(failure), false)
                                : outcomes.get(targets.indexOf(mailbox));
                        active.record(index, outcomeOf(outcome), "this server", true);
                        if (outcome.isDelivered()) {
                            active.noteDeliveredHere(index);
                        }
                    }
                    settlement.ended(active, List.of(entry), true, null);
                    done(entry.domain);
                }));
    }

    private void report(
            ActiveMessage active,
            List<MailboxName> targets,
            @Nullable List<DeliveryOutcome> outcomes,
            Duration attempt) {
        for (int i = 0; outcomes != null && i < targets.size(); i++) {
            if (outcomes.get(i).isDelivered()) {
                events.delivered(new LocalDelivery(active.id(), targets.get(i), attempt, loop.age(active.envelope())));
            }
        }
    }

    /** Turns an immediate failure into a failed stage, so that the entry is not lost. */
    private CompletionStage<List<DeliveryOutcome>> published(ActiveMessage active, List<MailboxName> targets) {
        try {
            return mailboxes.deliver(active.stored, targets);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Outcome outcomeOf(DeliveryOutcome outcome) {
        String failure = outcome.failure();
        if (failure == null) {
            return new Outcome.Delivered("250 2.0.0 Delivered");
        }
        // RFC 3463: a full mailbox is not a fault of the disk.
        EnhancedStatus status = new EnhancedStatus(4, 2, outcome.overQuota() ? 2 : 0);
        return new Outcome.Deferred(status, status + " " + failure);
    }
}
