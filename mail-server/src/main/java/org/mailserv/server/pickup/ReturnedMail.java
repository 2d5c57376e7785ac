package org.mailserv.server.pickup;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.Recipient;

/** Tells the sender of a dropped message, or the postmaster, which recipients were refused. */
@FunctionalInterface
public interface ReturnedMail {
    /**
     * Sends a bounce.
     *
     * @param envelope of the dropped message; its recipients are the refused ones
     * @param content the message, at least its header; valid until the stage completes
     * @param refused why, by recipient
     * @return completes when the bounce is in the spool; fails where it could not be stored, and then has to be tried again
     */
    CompletionStage<Void> send(Envelope envelope, MessageContent content, Map<Recipient, SmtpReply> refused);
}
