package org.mailserv.server.spool;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;

/**
 * All that is known of a message but its content. Never changes after the commit; what happens to its recipients is in
 * {@link MessageState}.
 *
 * @param id the message
 * @param sender the reverse-path
 * @param recipients at least one; their order gives the indexes that {@link MessageState} uses
 * @param arrival how it came
 * @param body what its content was declared to be
 * @param smtpUtf8 whether the client asked for SMTPUTF8. RFC 6531, 3.4
 * @param requireTls whether the client asked for REQUIRETLS. RFC 8689, 2
 * @param returnFull RET: true for FULL, false for HDRS, null when the client said nothing. RFC 3461, 4.3
 * @param envelopeId ENVID as it was received (xtext), or null. RFC 3461, 4.4
 * @param holdUntil not to be delivered before, or null. RFC 4865
 * @param deliverBy when delivery is to be given up, or null. RFC 2852
 * @param junk whether mailboxes here get it into their Junk folders
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
        boolean junk) {

    public Envelope {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("recipients: none (expected: at least one)");
        }
        recipients = List.copyOf(recipients);
    }

    /** Of a message that is no junk. */
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
                false);
    }

    /** {@link #holdUntil} of a message that waits for its operator: nobody sends it before. */
    public static final Instant HELD = Instant.parse("9999-12-31T23:59:59Z");

    /** The same, to be kept until the operator releases it. */
    public Envelope held() {
        return copy(id, recipients, HELD, junk);
    }

    /** The same, for the Junk folders of its mailboxes. */
    public Envelope toJunk() {
        return copy(id, recipients, holdUntil, true);
    }

    /** The same message under another id, for some of its recipients. */
    public Envelope copyFor(QueueId other, List<Recipient> some) {
        return copy(other, some, holdUntil, junk);
    }

    private Envelope copy(QueueId newId, List<Recipient> some, @Nullable Instant hold, boolean toJunk) {
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
                hold,
                deliverBy,
                toJunk);
    }

    /** With no parameters of any extension. */
    public static Envelope of(QueueId id, ReversePath sender, List<Recipient> recipients, Arrival arrival) {
        return new Envelope(id, sender, recipients, arrival, BodyType.SEVEN_BIT, false, false, null, null, null, null);
    }
}
