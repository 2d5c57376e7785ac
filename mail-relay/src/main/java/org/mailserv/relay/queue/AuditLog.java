package org.mailserv.relay.queue;

import java.util.List;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.Envelope;
import org.slf4j.Logger;

/** Records changes of the queue by operators: an event for each message or recipient, which its trace shows, and a log line for each order. */
public final class AuditLog {
    private AuditLog() {}

    /**
     * Reports the change of a message.
     *
     * @param recipients indexes of the recipients that were removed or bounced
     */
    public static void change(MailEvents events, QueueOrder order, Envelope envelope, List<Integer> recipients) {
        Detail by = Detail.text("by", order.by());
        Detail reason = Detail.text("reason", order.reason());
        switch (order.action()) {
            case RETRY -> events.noted(MessageNote.of(Kind.QUEUE_RETRY, envelope.id(), by));
            case HOLD -> events.noted(MessageNote.of(Kind.QUEUE_HOLD, envelope.id(), by, reason));
            case RELEASE -> events.noted(MessageNote.of(Kind.QUEUE_RELEASE, envelope.id(), by));
            case REMOVE ->
                recipients.forEach(index -> events.noted(settled(Kind.QUEUE_REMOVE, envelope, index, by, reason)));
            case BOUNCE ->
                recipients.forEach(index -> events.noted(settled(Kind.QUEUE_BOUNCE, envelope, index, by, reason)));
        }
    }

    private static MessageNote settled(Kind kind, Envelope envelope, int index, Detail by, Detail reason) {
        Detail to = Detail.address("to", envelope.recipients().get(index).address());
        return MessageNote.of(kind, envelope.id(), to, by, reason);
    }

    /** Logs an executed order with its result. */
    public static void summary(Logger log, QueueOrder order, QueueResult result) {
        log.info(
                "event=queue-order action={} by=\"{}\" selection=\"{}\" messages={} recipients={} problems={}",
                order.action().label(),
                order.by(),
                order.filter().describe(),
                result.changes().size(),
                result.recipients(),
                result.problems().size());
    }
}
