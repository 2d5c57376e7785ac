package org.mailserv.app.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.relay.bounce.Notice;
import org.mailserv.relay.bounce.Notifier;
import org.mailserv.relay.bounce.Report;
import org.mailserv.server.pickup.ReturnedMail;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;

/** Sends bounces for mail of the pickup directory. The program that submitted it has ended, so that only a bounce can report a failure. */
public final class PickupBounces implements ReturnedMail {
    private static final EnhancedStatus UNKNOWN_MAILBOX = new EnhancedStatus(5, 1, 1);

    private final Notifier notifier;

    PickupBounces(Notifier notifier) {
        this.notifier = notifier;
    }

    /** A message that was never stored in the spool. */
    private record Dropped(Envelope envelope, MessageContent content) implements StoredMessage {
        @Override
        public MessageState state() {
            return MessageState.initial(envelope);
        }

        @Override
        public void close() {
            // Its owner has the content.
        }
    }

    @Override
    public CompletionStage<Void> send(Envelope envelope, MessageContent content, Map<Recipient, SmtpReply> refused) {
        List<Report> reports = new ArrayList<>();
        refused.forEach((recipient, reply) -> {
            EnhancedStatus status = reply.status();
            reports.add(new Report(recipient, status == null ? UNKNOWN_MAILBOX : status, null, reply.toString()));
        });
        return notifier.send(new Notice(Notice.Kind.FAILED, new Dropped(envelope, content), reports, null));
    }
}
