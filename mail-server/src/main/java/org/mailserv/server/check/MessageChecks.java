package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;

/** What looks at messages on their way in: signs ours, judges those of others. Any thread. */
public interface MessageChecks {
    /** Looks at nothing. */
    MessageChecks NONE = facts -> null;

    /**
     * Begins with a message, when its content begins.
     *
     * @return null when there is nothing to be looked at
     */
    @Nullable
    Inspection begin(Facts facts);

    /**
     * Looks at a recipient that would be taken. Returns at once.
     *
     * @return the reply when it is not taken now, or null
     */
    default @Nullable SmtpReply recipient(Facts facts, Address recipient) {
        return null;
    }

    /**
     * What is known before the content.
     *
     * @param address of the client
     * @param helo its HELO argument
     * @param ours whether the client may send to other domains: a user, or a relay client
     */
    record Facts(InetAddress address, String helo, ReversePath sender, boolean ours) {}

    /** One message. On one thread, but for what the stage completes on. */
    interface Inspection {
        /** Takes a piece of the content, which stays the caller's. */
        void feed(ByteBuf piece);

        /**
         * Gives what of a piece, fed before, goes on to the spool: fields that others wrote in our name do not.
         *
         * @param piece its ownership goes over
         * @return the caller's to release, maybe empty
         */
        default ByteBuf filter(ByteBuf piece) {
            return piece;
        }

        /** The content is over. What {@link #filter} held back; the caller's to release. */
        default ByteBuf rest() {
            return Unpooled.EMPTY_BUFFER;
        }

        /**
         * Ends the message. The stage does not fail, and completes within a bounded time.
         *
         * @param added fields that the server puts before the message's own, beside Received
         */
        CompletionStage<Verdict> finish(String added);
    }

    /**
     * What came of it.
     *
     * @param fields to put on top of the message, each with its CRLF
     * @param refusal the reply when the message is not taken, or null
     */
    record Verdict(String fields, @Nullable SmtpReply refusal) {
        /** Nothing to say. */
        public static final Verdict SILENT = new Verdict("", null);
    }
}
