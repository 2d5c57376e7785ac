package org.mailserv.server.delivery;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;

/**
 * The last step of taking a message, the same for SMTP, LMTP, pickup, sendmail and bounces: commits it to the spool, delivers
 * what is local, and gives the rest to the queue.
 */
public interface MessageAcceptor {
    /**
     * Takes the message. When the stage completes the message is durable, POP3 sees it where it is local, and the queue knows what is
     * left: it may be acknowledged.
     *
     * @param writer has the whole content; ended by this call
     * @param envelope recipients resolved
     * @param trace as in {@link MessageWriter#commit}
     * @param expanded addresses that were asked for and stand for several recipients of the envelope, where their sender wants to hear of
     *     success
     * @return fails with {@link org.mailserv.server.spool.SpoolException}; then nothing of the message is left
     */
    CompletionStage<Void> accept(MessageWriter writer, Envelope envelope, ByteBuf trace, List<Recipient> expanded);

    /** The same for a message whose sender wants to hear of no expanded address. */
    default CompletionStage<Void> accept(MessageWriter writer, Envelope envelope, ByteBuf trace) {
        return accept(writer, envelope, trace, List.of());
    }
}
