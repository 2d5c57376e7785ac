package org.mailserv.server.spool;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;

/**
 * Everything about a message except its content. It never changes after the commit; the progress of its recipients is in {@link
 * MessageState}.
 *
 * @param id the message
 * @param sender the reverse-path
 * @param recipients at least one; their order gives the indexes that {@link MessageState} uses
 * @param arrival the way in which it arrived
 * @param body the declared content type
 * @param smtpUtf8 whether the client requested SMTPUTF8. RFC 6531, 3.4
 * @param requireTls whether the client requested REQUIRETLS. RFC 8689, 2
 * @param returnFull RET: true for FULL, false for HDRS, null if not given. RFC 3461, 4.3
 * @param envelopeId ENVID as received (xtext), or null. RFC 3461, 4.4
 * @param holdUntil the earliest time of delivery, or null. RFC 4865
 * @param deliverBy the time after which delivery is cancelled, or null. RFC 2852
 * @param junk whether local mailboxes get it in their Junk folders
 * @param hold the reason why it waits for an operator's release, or null
 */
public record Envelope(
        QueueId id,
        ReversePath sender,
        List<Recipient> recipients,
        Arrival arrival,
        BodyType body,
        boolean smtpUtf8,
        boolean requireTls,
        @Nullable Boolean returnFull,
        @Nullable String envelopeId,
        @Nullable Instant holdUntil,
        @Nullable Instant deliverBy,
        boolean junk,
        @Nullable Hold hold) {

    public Envelope {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("recipients: none (expected: at least one)");
        }
        recipients = List.copyOf(recipients);
    }

    /** Creates the envelope of a message that is neither junk nor on hold. */
    public Envelope(
            QueueId id,
            ReversePath sender,
            List<Recipient> recipients,
            Arrival arrival,
            BodyType body,
            boolean smtpUtf8,
            boolean requireTls,
            @Nullable Boolean returnFull,
            @Nullable String envelopeId,
            @Nullable Instant holdUntil,
            @Nullable Instant deliverBy) {
        this(
                id,
                sender,
                recipients,
                arrival,
                body,
                smtpUtf8,
                requireTls,
                returnFull,
                envelopeId,
                holdUntil,
                deliverBy,
                false,
                null);
    }

    /** Returns the same envelope on hold until an operator releases it. */
    public Envelope held(Hold reason) {
        return copy(id, recipients, junk, reason);
    }

    /** Returns the same envelope for the Junk folders of its mailboxes. */
    public Envelope toJunk() {
        return copy(id, recipients, true, hold);
    }

    /** Returns the same message under another id, for some of its recipients. */
    public Envelope copyFor(QueueId other, List<Recipient> some) {
        return copy(other, some, junk, hold);
    }

    private Envelope copy(QueueId newId, List<Recipient> some, boolean toJunk, @Nullable Hold onHold) {
        return new Envelope(
                newId,
                sender,
                some,
                arrival,
                body,
                smtpUtf8,
                requireTls,
                returnFull,
                envelopeId,
                holdUntil,
                deliverBy,
                toJunk,
                onHold);
    }

    /** Creates an envelope without parameters of any extension. */
    public static Envelope of(QueueId id, ReversePath sender, List<Recipient> recipients, Arrival arrival) {
        return new Envelope(id, sender, recipients, arrival, BodyType.SEVEN_BIT, false, false, null, null, null, null);
    }
}
