package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.bounce.LocalSuccess;
import org.mailserv.relay.bounce.Notice;
import org.mailserv.relay.bounce.Report;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.relay.smtp.OutgoingContent;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.StoredMessage;

/** A message that is open, because it is being sent or settled. Confined to the relay's loop. */
final class ActiveMessage {
    final StoredMessage stored;
    final OutgoingContent content;
    /** The content converted for 7-bit servers, once one has needed it. */
    @Nullable
    OutgoingContent sevenBit;
    /** True if the message must not be converted, because that would break a signature. */
    boolean sealed;
    /** True if the last conversion failed because the message could not be read. */
    boolean conversionFailed;

    private MessageState state;
    /** Number of users. The message is settled and closed when there are none. */
    int users;
    /** Refused recipients whose bounce is not committed yet. */
    private final Map<Integer, Report> refused = new LinkedHashMap<>();
    /** Those among them that an operator has cancelled. */
    private final Set<Integer> cancelled = new HashSet<>();
    /** Called once with null when the next bounce is committed, or with its failure. */
    final List<Consumer<@Nullable Throwable>> afterBounce = new ArrayList<>();
    /** Recipients that another server has accepted without promising to report on them. */
    private final List<Report> relayed = new ArrayList<>();
    /** Recipients whose local mailboxes have received the message only now. */
    private final List<Report> deliveredHere = new ArrayList<>();
    /** Entries without a recipient to try, which wait for the bounce. */
    final List<QueueEntry> settling = new ArrayList<>();

    boolean changed;

    ActiveMessage(StoredMessage stored, OutgoingContent content, MessageState state) {
        this.stored = stored;
        this.content = content;
        this.state = state;
    }

    QueueId id() {
        return envelope().id();
    }

    Envelope envelope() {
        return stored.envelope();
    }

    MessageState state() {
        return state;
    }

    void setState(MessageState now) {
        state = now;
        changed = true;
    }

    /** Returns the recipients of a domain that are still to be tried. */
    List<Integer> pending(DomainQueue domain) {
        List<Integer> indexes = new ArrayList<>();
        List<Recipient> recipients = envelope().recipients();
        for (int i = 0; i < recipients.size(); i++) {
            if (!state.recipients().get(i).isSettled()
                    && !refused.containsKey(i)
                    && DomainQueues.domainOf(recipients.get(i)).equals(domain.name)) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    /** Returns all recipients that are still to be tried. */
    List<Integer> allPending() {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < state.recipients().size(); i++) {
            if (!state.recipients().get(i).isSettled() && !refused.containsKey(i)) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    boolean hasRefused(DomainQueue domain) {
        return refused.keySet().stream()
                .anyMatch(i ->
                        DomainQueues.domainOf(envelope().recipients().get(i)).equals(domain.name));
    }

    /** Records the outcome for a recipient. */
    void record(int index, Outcome outcome, @Nullable String mta, boolean reportedElsewhere) {
        Recipient recipient = envelope().recipients().get(index);
        if (outcome instanceof Outcome.Delivered delivered) {
            set(index, new RecipientState(RecipientState.Status.DELIVERED, mta, delivered.reply()));
            if (!reportedElsewhere) {
                relayed.add(new Report(recipient, new EnhancedStatus(2, 0, 0), mta, delivered.reply()));
            }
        } else if (outcome instanceof Outcome.Deferred deferred) {
            int losses = state.recipients().get(index).uncertainLosses() + (deferred.uncertain() ? 1 : 0);
            set(index, new RecipientState(RecipientState.Status.PENDING, mta, deferred.reply(), losses));
        } else if (outcome instanceof Outcome.Failed failed) {
            recordRefused(index, failed.status(), mta, failed.reply());
        }
    }

    /**
     * Refuses recipients for whom too many attempts ended without a reply to the whole message. Each attempt may have delivered a copy, and
     * the next one may deliver another.
     */
    void giveUpUncertain(int most) {
        for (int index : allPending()) {
            RecipientState one = state.recipients().get(index);
            String last = one.lastReply();
            if (one.uncertainLosses() >= most) {
                recordRefused(index, Report.UNCERTAIN, one.lastMta(), last == null ? "no answer" : last);
            }
        }
    }

    /** Records that a recipient will not get the message. */
    void recordRefused(int index, EnhancedStatus status, @Nullable String mta, String diagnostic) {
        refused.put(index, new Report(envelope().recipients().get(index), status, mta, diagnostic));
    }

    /** Records that an operator has cancelled a recipient. */
    void cancel(int index, Report report) {
        refused.put(index, report);
        cancelled.add(index);
    }

    private void set(int index, RecipientState now) {
        List<RecipientState> all = new ArrayList<>(state.recipients());
        all.set(index, now);
        setState(state.withRecipients(all));
    }

    /** Counts an attempt that did not succeed for all recipients. */
    void countAttempt(Instant next) {
        setState(state.withAttempt(next));
    }

    void markWarned() {
        setState(state.withDelayWarned());
    }

    boolean hasRefused() {
        return !refused.isEmpty();
    }

    List<Report> refusals() {
        return List.copyOf(refused.values());
    }

    /** Records that a recipient's local mailbox has the message. */
    void noteDeliveredHere(int index) {
        deliveredHere.add(LocalSuccess.report(envelope().recipients().get(index)));
    }

    /** Returns the next notice of success that is due, once each, or null. */
    @Nullable
    Notice takeSuccess() {
        Notice due = success(Notice.Kind.RELAYED, relayed);
        return due != null ? due : success(Notice.Kind.DELIVERED, deliveredHere);
    }

    private @Nullable Notice success(Notice.Kind kind, List<Report> reports) {
        List<Report> taken = List.copyOf(reports);
        reports.clear();
        return taken.stream().anyMatch(report -> report.recipient().wants(Notify.SUCCESS))
                ? new Notice(kind, stored, taken, null)
                : null;
    }

    /** Settles the refused recipients after their bounce was committed. */
    void settleRefused() {
        refused.forEach((index, report) ->
                set(index, new RecipientState(RecipientState.Status.FAILED, report.mta(), report.diagnostic())));
        refused.clear();
        cancelled.clear();
    }

    /** Defers the refused recipients again, because their bounce could not be committed. */
    void unrefuse() {
        refused.forEach((index, report) -> {
            if (!cancelled.contains(index)) {
                int losses = state.recipients().get(index).uncertainLosses();
                set(
                        index,
                        new RecipientState(RecipientState.Status.PENDING, report.mta(), report.diagnostic(), losses));
            }
        });
        refused.clear();
        cancelled.clear();
    }

    void close() {
        if (sevenBit != null) {
            sevenBit.close();
        }
        content.close();
        stored.close();
    }
}
