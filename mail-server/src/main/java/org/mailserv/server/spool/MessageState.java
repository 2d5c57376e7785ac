package org.mailserv.server.spool;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a message. This is a value: a change is a new state, passed to {@link Spool#update}.
 *
 * @param recipients one for each recipient of the envelope, in its order
 * @param attempts number of finished delivery attempts
 * @param nextAttempt the earliest time of the next attempt
 * @param hold the reason why it is not tried until it is released, or null
 * @param delayWarned whether the sender has been warned of the delay
 */
public record MessageState(
        List<RecipientState> recipients,
        int attempts,
        Instant nextAttempt,
        @Nullable Hold hold,
        boolean delayWarned) {

    public MessageState {
        recipients = List.copyOf(recipients);
    }

    /** Returns the state of a message that was just accepted. */
    public static MessageState initial(Envelope envelope) {
        return new MessageState(
                Collections.nCopies(envelope.recipients().size(), RecipientState.PENDING),
                0,
                envelope.arrival().time(),
                envelope.hold(),
                false);
    }

    /** Returns whether the message is on hold. */
    public boolean held() {
        return hold != null;
    }

    /** Returns whether no recipient is left to be tried, so that the message may be removed. */
    public boolean isSettled() {
        return recipients.stream().allMatch(RecipientState::isSettled);
    }

    /** Returns this state with other recipients. */
    public MessageState withRecipients(List<RecipientState> now) {
        return new MessageState(now, attempts, nextAttempt, hold, delayWarned);
    }

    /** Returns this state after one more attempt. */
    public MessageState withAttempt(Instant next) {
        return new MessageState(recipients, attempts + 1, next, hold, delayWarned);
    }

    /** Returns this state with another time for the next attempt. */
    public MessageState withNextAttempt(Instant next) {
        return new MessageState(recipients, attempts, next, hold, delayWarned);
    }

    /**
     * Returns this state on hold, or released.
     *
     * @param now the reason, or null to release
     */
    public MessageState withHold(@Nullable Hold now) {
        return new MessageState(recipients, attempts, nextAttempt, now, delayWarned);
    }

    /** Returns this state after the sender was warned of the delay. */
    public MessageState withDelayWarned() {
        return new MessageState(recipients, attempts, nextAttempt, hold, true);
    }
}
