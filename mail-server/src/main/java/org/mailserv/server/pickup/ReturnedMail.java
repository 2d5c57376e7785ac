package org.mailserv.server.pickup;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.Recipient;

/** Notifies the sender of a dropped message, or the postmaster, of refused recipients. */
@FunctionalInterface
public interface ReturnedMail {
    /**
     * Sends a bounce.
     *
     * @param envelope the envelope of the dropped message, with the refused recipients only
     * @param content the message or its beginning with the whole header; valid until the stage completes
     * @param refused the reply by recipient
     * @return completes when the bounce is in the spool; fails if the bounce was not stored and has to be sent again
     */
    CompletionStage<Void> send(Envelope envelope, MessageContent content, Map<Recipient, SmtpReply> refused);
}
