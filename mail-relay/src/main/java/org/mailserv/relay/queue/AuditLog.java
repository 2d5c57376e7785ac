package org.mailserv.relay.queue;

import java.util.List;
import org.mailserv.server.spool.Envelope;
import org.slf4j.Logger;

/** Writes down who changed the queue: a line for each message or recipient, which its trace shows, and a line for each order. */
public final class AuditLog {
    private AuditLog() {}

    /**
     * Logs the change of a message.
     *
     * @param recipients indexes of the recipients that were removed or bounced
     */
    public static void change(Logger log, QueueOrder order, Envelope envelope, List<Integer> recipients) {
        switch (order.action()) {
            case RETRY -> log.info("event=queue-retry id={} by=\"{}\"", envelope.id(), order.by());
            case HOLD ->
                log.info("event=queue-hold id={} by=\"{}\" reason=\"{}\"", envelope.id(), order.by(), order.reason());
            case RELEASE -> log.info("event=queue-release id={} by=\"{}\"", envelope.id(), order.by());
            case REMOVE ->
                recipients.forEach(index -> log.info(
                        "event=queue-remove id={} to=<{}> by=\"{}\" reason=\"{}\"",
                        envelope.id(),
                        envelope.recipients().get(index).address(),
                        order.by(),
                        order.reason()));
            case BOUNCE ->
                recipients.forEach(index -> log.info(
                        "event=queue-bounce id={} to=<{}> by=\"{}\" reason=\"{}\"",
                        envelope.id(),
                        envelope.recipients().get(index).address(),
                        order.by(),
                        order.reason()));
        }
    }

    /** Logs an order that was carried out, with what came of it. */
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
