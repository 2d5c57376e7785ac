package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;

/**
 * A queued message as it is shown.
 *
 * @param octets size of the content; -1 if unknown
 * @param from the host that it came from, or null for a message of this server
 * @param nextAttempt the time of the earliest next attempt, or null while the message is on hold
 * @param hold the reason for the hold, or null
 */
public record QueueView(
        String id,
        QueueState queue,
        String sender,
        Instant arrival,
        long octets,
        @Nullable String from,
        @Nullable String account,
        int attempts,
        @Nullable Instant nextAttempt,
        @Nullable Hold hold,
        List<RecipientView> recipients) {

    public QueueView {
        recipients = List.copyOf(recipients);
    }

    /**
     * A recipient of the message.
     *
     * @param mta the server that replied last, or null
     * @param reply the result of the last attempt, or null
     * @param nextTry the time of the next attempt; null if the recipient is settled or on hold
     * @param waiting the reason for a longer wait than the last attempt explains, or null
     */
    public record RecipientView(
            String address,
            RecipientState.Status status,
            @Nullable String mta,
            @Nullable String reply,
            @Nullable Instant nextTry,
            @Nullable String waiting) {
        /** Returns whether the recipient is still to be tried. */
        public boolean isPending() {
            return status == RecipientState.Status.PENDING;
        }
    }

    /**
     * The current wait of a recipient.
     *
     * @param active whether it is being sent to at this moment
     * @param nextTry the time of the next attempt
     * @param waiting the reason for waiting, or null
     */
    record Wait(boolean active, Instant nextTry, @Nullable String waiting) {}

    /** Returns the wait of a recipient. */
    @FunctionalInterface
    interface Waits {
        Wait of(Recipient recipient);
    }

    /** Returns a message of a server that is not running. */
    public static QueueView offline(Envelope envelope, MessageState state, long octets) {
        return of(
                envelope, state, octets, recipient -> new Wait(false, state.nextAttempt(), "the server does not run"));
    }

    static QueueView of(Envelope envelope, MessageState state, long octets, Waits waits) {
        List<RecipientView> recipients = new ArrayList<>();
        boolean active = false;
        for (int i = 0; i < envelope.recipients().size(); i++) {
            Recipient recipient = envelope.recipients().get(i);
            RecipientState now = state.recipients().get(i);
            Wait wait = now.isSettled() ? null : waits.of(recipient);
            active |= wait != null && wait.active();
            Wait shown = wait != null && (!state.held() || wait.active()) ? wait : null;
            recipients.add(new RecipientView(
                    recipient.address().toString(),
                    now.status(),
                    now.lastMta(),
                    now.lastReply(),
                    shown == null ? null : shown.nextTry(),
                    shown == null ? null : shown.waiting()));
        }
        Instant next = recipients.stream()
                .map(RecipientView::nextTry)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new QueueView(
                envelope.id().toString(),
                queue(state, active),
                envelope.sender().address() == null
                        ? ""
                        : envelope.sender().address().toString(),
                envelope.arrival().time(),
                octets,
                envelope.arrival().clientAddress(),
                envelope.arrival().account(),
                state.attempts(),
                next,
                state.hold(),
                recipients);
    }

    private static QueueState queue(MessageState state, boolean active) {
        if (state.isSettled()) {
            return QueueState.DONE;
        } else if (state.held()) {
            return QueueState.HOLD;
        }
        if (active) {
            return QueueState.ACTIVE;
        }
        return state.attempts() == 0 ? QueueState.INCOMING : QueueState.DEFERRED;
    }
}
