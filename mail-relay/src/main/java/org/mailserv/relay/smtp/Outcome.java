package org.mailserv.relay.smtp;

import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.codec.smtp.SmtpReply;

/** The outcome of a delivery attempt for one recipient. */
public sealed interface Outcome {
    /**
     * The server has accepted the message and is now responsible for it.
     *
     * @param reply the server's reply
     */
    record Delivered(String reply) implements Outcome {}

    /**
     * A temporary failure: a 4xx reply or a lost connection.
     *
     * @param uncertain whether the server may have accepted the message: all of it was sent, but no reply arrived
     */
    record Deferred(EnhancedStatus status, String reply, boolean uncertain) implements Outcome {
        /** Creates a deferral of a message that the server has certainly not accepted. */
        public Deferred(EnhancedStatus status, String reply) {
            this(status, reply, false);
        }
    }

    /** A permanent failure: a 5xx reply. */
    record Failed(EnhancedStatus status, String reply) implements Outcome {}

    /** No attempt was made: the message returns to the queue unchanged. */
    record Unsent() implements Outcome {}

    /** Returns the outcome of a negative reply. */
    static Outcome refused(SmtpReply reply) {
        EnhancedStatus status = statusOf(reply);
        return reply.isPermanent() ? new Failed(status, reply.toString()) : new Deferred(status, reply.toString());
    }

    /** Returns the enhanced status of a reply, or a generic one of the same class. RFC 3463, 3.1. */
    static EnhancedStatus statusOf(SmtpReply reply) {
        EnhancedStatus status = reply.status();
        if (status != null) {
            return status;
        }
        return new EnhancedStatus(reply.isPermanent() ? 5 : reply.isTransient() ? 4 : 2, 0, 0);
    }

    /** Returns a deferral because of a local or network failure. */
    static Deferred deferred(int subject, int detail, String text) {
        EnhancedStatus status = new EnhancedStatus(4, subject, detail);
        return new Deferred(status, status + " " + text);
    }

    /** Returns a deferral because the connection was lost between the end of the message and its reply. */
    static Deferred uncertain(String text) {
        EnhancedStatus status = new EnhancedStatus(4, 4, 2);
        return new Deferred(status, status + " " + text, true);
    }

    /** Returns a permanent failure because the message can never be sent to this server. */
    static Failed failed(int subject, int detail, String text) {
        EnhancedStatus status = new EnhancedStatus(5, subject, detail);
        return new Failed(status, status + " " + text);
    }
}
