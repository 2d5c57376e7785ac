package org.mailserv.relay.smtp;

import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.codec.smtp.SmtpReply;

/** What one try did for one recipient. */
public sealed interface Outcome {
    /**
     * The server has taken the message and answers for it now.
     *
     * @param reply its words
     */
    record Delivered(String reply) implements Outcome {}

    /**
     * Not now: a 4xx, or a connection that was lost.
     *
     * @param uncertain whether the server may have taken the message: all of it was sent, and no answer came
     */
    record Deferred(EnhancedStatus status, String reply, boolean uncertain) implements Outcome {
        /** A deferral of a message that the server has certainly not taken. */
        public Deferred(EnhancedStatus status, String reply) {
            this(status, reply, false);
        }
    }

    /** Not ever: a 5xx. */
    record Failed(EnhancedStatus status, String reply) implements Outcome {}

    /** Not even asked: the message goes back as it was. */
    record Unsent() implements Outcome {}

    /** The judgement of a reply that is not positive. */
    static Outcome refused(SmtpReply reply) {
        EnhancedStatus status = statusOf(reply);
        return reply.isPermanent() ? new Failed(status, reply.toString()) : new Deferred(status, reply.toString());
    }

    /** The status that a reply has, or else the one that says nothing more than its code. RFC 3463, 3.1. */
    static EnhancedStatus statusOf(SmtpReply reply) {
        EnhancedStatus status = reply.status();
        if (status != null) {
            return status;
        }
        return new EnhancedStatus(reply.isPermanent() ? 5 : reply.isTransient() ? 4 : 2, 0, 0);
    }

    /** Something went wrong on our side of the wire, or on the wire. */
    static Deferred deferred(int subject, int detail, String text) {
        EnhancedStatus status = new EnhancedStatus(4, subject, detail);
        return new Deferred(status, status + " " + text);
    }

    /** The connection was lost after the whole message had been sent, and before its answer came. */
    static Deferred uncertain(String text) {
        EnhancedStatus status = new EnhancedStatus(4, 4, 2);
        return new Deferred(status, status + " " + text, true);
    }

    /** The message cannot go to this server, whatever is tried. */
    static Failed failed(int subject, int detail, String text) {
        EnhancedStatus status = new EnhancedStatus(5, subject, detail);
        return new Failed(status, status + " " + text);
    }
}
