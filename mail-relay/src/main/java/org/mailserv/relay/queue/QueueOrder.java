package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.bounce.Report;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;

/**
 * An operator's order for the queue. Its effect on a message is the same for a running server and for its files.
 *
 * @param by the operator, for the log and for a hold
 * @param reason the operator's reason for the log, a hold and a bounce, or an empty string; one line
 * @param dryRun whether nothing is changed
 */
public record QueueOrder(QueueAdmin.Action action, QueueFilter filter, String by, String reason, boolean dryRun) {
    private static final EnhancedStatus CANCELLED = new EnhancedStatus(5, 0, 0);

    public QueueOrder {
        by = line(by);
        reason = line(reason);
    }

    private static String line(String text) {
        return text.replaceAll("[\\p{Cntrl}\"]", " ").strip();
    }

    /**
     * The effect of an order on one message.
     *
     * @param recipients indexes of the recipients that it applies to
     * @param problem the reason why it is impossible, or null
     */
    public record Plan(List<Integer> recipients, @Nullable String problem) {}

    /**
     * Returns the effect of the order on a message.
     *
     * @param pending indexes of the waiting recipients
     */
    public Plan plan(Envelope envelope, MessageState state, List<Integer> pending) {
        List<Integer> selected = pending.stream()
                .filter(index -> filter.selects(
                        envelope.recipients().get(index).address().toString()))
                .toList();
        String id = envelope.id().toString();
        if (selected.isEmpty()) {
            return new Plan(List.of(), id + ": none of its recipients waits any more");
        }
        return switch (action) {
            case REMOVE -> new Plan(selected, null);
            case BOUNCE ->
                envelope.sender().isNull()
                        ? new Plan(
                                List.of(),
                                id
                                        + ": has no sender to return it to, because it is a notice itself (`mailserv queue remove"
                                        + " " + id + "` drops it)")
                        : new Plan(selected, null);
            case HOLD -> new Plan(pending, null);
            case RELEASE -> state.held() ? new Plan(pending, null) : new Plan(List.of(), id + ": is not on hold");
            case RETRY ->
                state.held()
                        ? new Plan(
                                List.of(),
                                id + ": is on hold and was not tried (`mailserv queue release " + id + "` lets it go)")
                        : new Plan(selected, null);
        };
    }

    /** Returns whether it is an error, rather than skipped, if the action does not apply to a message. */
    public boolean isStrict() {
        return !filter.ids().isEmpty() || action == QueueAdmin.Action.BOUNCE;
    }

    /** Returns the state of a message after the order. */
    public MessageState apply(MessageState state, List<Integer> recipients, Instant now) {
        return switch (action) {
            case RETRY -> state.withNextAttempt(now);
            case HOLD -> state.held() ? state : state.withHold(new Hold(Hold.By.OPERATOR, holdReason(), now));
            case RELEASE -> state.withHold(null).withNextAttempt(now);
            case REMOVE -> settle(state, recipients, RecipientState.Status.REMOVED);
            case BOUNCE -> settle(state, recipients, RecipientState.Status.FAILED);
        };
    }

    private String holdReason() {
        return "operator " + by + (reason.isEmpty() ? "" : ": " + reason);
    }

    private static MessageState settle(MessageState state, List<Integer> recipients, RecipientState.Status status) {
        List<RecipientState> all = new ArrayList<>(state.recipients());
        for (int index : recipients) {
            RecipientState one = all.get(index);
            all.set(index, new RecipientState(status, one.lastMta(), one.lastReply(), one.uncertainLosses()));
        }
        return state.withRecipients(all);
    }

    /** Returns the report for the sender of a bounced message. */
    public Report report(Envelope envelope, MessageState state, int index) {
        Recipient recipient = envelope.recipients().get(index);
        String last = state.recipients().get(index).lastReply();
        return new Report(
                recipient,
                CANCELLED,
                null,
                "Delivery was cancelled by an administrator of this mail server"
                        + (reason.isEmpty() ? "" : ": " + reason)
                        + (last == null ? "" : " (the last attempt ended with: " + last + ")"));
    }
}
