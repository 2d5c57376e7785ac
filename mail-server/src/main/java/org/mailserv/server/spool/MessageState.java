package org.mailserv.server.spool;

import java.time.Instant;
import java.util.Collections;
import java.util.List;

/**
 * What has become of a message so far. A value: a change is a new state, given to {@link Spool#update}.
 *
 * @param recipients one for each recipient of the envelope, in its order
 * @param attempts rounds of delivery that have ended
 * @param nextAttempt not to be tried before
 * @param held whether the operator, or the brake on a suspicious account, keeps it from being tried
 * @param delayWarned whether the sender has been told that it is late
 */
public record MessageState(
        List<RecipientState> recipients, int attempts, Instant nextAttempt, boolean held, boolean delayWarned) {

    public MessageState {
        recipients = List.copyOf(recipients);
    }

    /** The state of a message that was just accepted. */
    public static MessageState initial(Envelope envelope) {
        return new MessageState(
                Collections.nCopies(envelope.recipients().size(), RecipientState.PENDING),
                0,
                envelope.arrival().time(),
                Envelope.HELD.equals(envelope.holdUntil()),
                false);
    }

    /** Whether no recipient is left to be tried, so that the message may go. */
    public boolean isSettled() {
        return recipients.stream().allMatch(RecipientState::isSettled);
    }
}
