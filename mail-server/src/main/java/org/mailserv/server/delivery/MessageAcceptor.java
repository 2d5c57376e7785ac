package org.mailserv.server.delivery;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;

/**
 * The last step of accepting a message from SMTP, LMTP, pickup, sendmail or a bounce. Commits the message to the spool, delivers it to
 * local mailboxes, and queues it for the other recipients.
 */
public interface MessageAcceptor {
    /**
     * Accepts a message. When the stage completes, the message may be acknowledged: it is durable, visible to POP3 in local mailboxes, and
     * queued for the other recipients.
     *
     * @param writer contains the whole content; ended by this call
     * @param envelope contains the routed recipients
     * @param trace as in {@link MessageWriter#commit}
     * @param expanded addresses that stand for several recipients of the envelope and whose sender asked to be notified of success
     * @return fails with {@link org.mailserv.server.spool.SpoolException}; in that case nothing of the message remains
     */
    CompletionStage<Void> accept(MessageWriter writer, Envelope envelope, ByteBuf trace, List<Recipient> expanded);

    /** Accepts a message without expanded addresses. */
    default CompletionStage<Void> accept(MessageWriter writer, Envelope envelope, ByteBuf trace) {
        return accept(writer, envelope, trace, List.of());
    }
}
