package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
     * Begins with an envelope, when its first recipient would be taken.
     *
     * @param facts with no id and no recipients yet
     * @return null when nobody wants to see envelopes before their content
     */
    default @Nullable EnvelopeInspection beginEnvelope(Facts facts) {
        return null;
    }

    /**
     * Begins with the content of a message whose envelope has been seen.
     *
     * @param envelope from {@link #beginEnvelope}; this message takes it over
     * @return null when there is nothing to be looked at
     */
    default @Nullable Inspection begin(Facts facts, @Nullable EnvelopeInspection envelope) {
        return begin(facts);
    }

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
     * @param id of the message in the queue, or empty before there is one
     * @param recipients that were taken so far, as they are delivered to
     * @param name of the client by the DNS, or null
     * @param account who is logged in, or null
     * @param tls protocol and cipher, or null
     * @param forwarder the domain here whose address sends it on to another one, or null
     */
    record Facts(
            InetAddress address,
            String helo,
            ReversePath sender,
            boolean ours,
            String id,
            List<Address> recipients,
            @Nullable String name,
            @Nullable String account,
            @Nullable String tls,
            @Nullable String forwarder) {
        public Facts {
            recipients = List.copyOf(recipients);
        }

        /** Of a client without a name or a login, before the first recipient. */
        public Facts(InetAddress address, String helo, ReversePath sender, boolean ours) {
            this(address, helo, sender, ours, "", List.of(), null, null, null, null);
        }
    }

    /** The envelope of one message. On one thread, but for what the stage completes on. */
    interface EnvelopeInspection {
        /**
         * Looks at a recipient.
         *
         * @param recipient as it was asked for
         * @return the reply when it is not taken, or null; does not fail, and completes within a bounded time
         */
        CompletionStage<@Nullable SmtpReply> recipient(Address recipient);

        /** The envelope was given up. Any number of times, also after the content was begun with. */
        void cancel();
    }

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

        /** Complete when more may be fed: who looks slowly must not pile up what it has not seen. */
        default CompletionStage<Void> ready() {
            return CompletableFuture.completedFuture(null);
        }

        /** The message was given up. Any number of times, also behind {@link #finish}. */
        default void cancel() {
            // Nothing is held.
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
     * @param disposition what becomes of a message that is taken
     * @param head the message's own fields, where {@link Inspection#filter} kept them back; a char an octet
     * @param holdReason the words of the filter that asked for {@link Disposition#HOLD}, or empty; one printable line
     */
    record Verdict(
            String fields, @Nullable SmtpReply refusal, Disposition disposition, String head, String holdReason) {
        /** Nothing to say. */
        public static final Verdict SILENT = new Verdict("", null);

        /** Of a message that is refused or delivered. */
        public Verdict(String fields, @Nullable SmtpReply refusal) {
            this(fields, refusal, Disposition.DELIVER, "");
        }

        /** Of a message that no filter put on hold with a reason. */
        public Verdict(String fields, @Nullable SmtpReply refusal, Disposition disposition, String head) {
            this(fields, refusal, disposition, head, "");
        }
    }

    /** What becomes of a message that is taken. */
    enum Disposition {
        DELIVER,
        /** Into the mailboxes' Junk folders, where it is local. */
        JUNK,
        /** It waits for the operator. */
        HOLD,
        /** It is thrown away, and the client does not hear of it. */
        DISCARD
    }
}
