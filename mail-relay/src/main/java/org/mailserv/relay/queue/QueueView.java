package org.mailserv.relay.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;

/**
 * A message of the queue, to be looked at.
 *
 * @param queue {@code active}, {@code deferred}, {@code incoming} (not tried yet) or {@code hold}
 * @param octets of the content; -1 where it is not known
 * @param from the host that it came from, or null for what was made here
 */
public record QueueView(
        String id,
        String queue,
        String sender,
        Instant arrival,
        long octets,
        @Nullable String from,
        @Nullable String account,
        int attempts,
        Instant nextAttempt,
        List<RecipientView> recipients) {

    public QueueView {
        recipients = List.copyOf(recipients);
    }

    /** One recipient; {@code mta} and {@code reply} are of the last try. */
    public record RecipientView(
            String address,
            String status,
            @Nullable String mta,
            @Nullable String reply) {}

    /** @param active whether it is being sent at this moment */
    public static QueueView of(Envelope envelope, MessageState state, long octets, boolean active) {
        List<RecipientView> recipients = new ArrayList<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            Recipient recipient = envelope.recipients().get(i);
            RecipientState now = state.recipients().get(i);
            recipients.add(new RecipientView(
                    recipient.address().toString(),
                    now.status().name().toLowerCase(Locale.ROOT),
                    now.lastMta(),
                    now.lastReply()));
        }
        String queue = state.held() ? "hold" : active ? "active" : state.attempts() == 0 ? "incoming" : "deferred";
        return new QueueView(
                envelope.id().toString(),
                queue,
                envelope.sender().address() == null
                        ? ""
                        : envelope.sender().address().toString(),
                envelope.arrival().time(),
                octets,
                envelope.arrival().clientAddress(),
                envelope.arrival().account(),
                state.attempts(),
                state.nextAttempt(),
                recipients);
    }
}
