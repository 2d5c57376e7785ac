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

/**
 * The checks before acceptance, as SMTP sessions see them. Any thread; nothing blocks.
 *
 * @see CheckChain
 */
public interface MessageChecks {
    /** Checks nothing. */
    MessageChecks NONE = facts -> null;

    /**
     * Checks the argument of HELO, EHLO or LHLO.
     *
     * @return the reply that refuses it, or null
     */
    default @Nullable SmtpReply helo(CheckedClient client, String name) {
        return null;
    }

    /**
     * Checks the client and the reverse-path at MAIL.
     *
     * @return the reply that refuses the transaction, or null; the stage does not fail
     */
    default CompletionStage<@Nullable SmtpReply> mail(CheckedClient client, ReversePath sender) {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Checks a recipient that would be accepted.
     *
     * @return the reply that refuses it, or null
     */
    default CompletionStage<@Nullable SmtpReply> recipient(
            CheckedClient client, ReversePath sender, Address recipient) {
        return Check.NO_OBJECTION;
    }

    /**
     * Begins to inspect an envelope, when its first recipient would be accepted.
     *
     * @param facts the client and the sender; no queue id and no recipients yet
     * @return the inspection, or null when no check asks about recipients one by one
     */
    default @Nullable EnvelopeInspection beginEnvelope(Facts facts) {
        return null;
    }

    /**
     * Begins to inspect a message whose envelope was not inspected, when its content begins.
     *
     * @return the inspection, or null when no check applies
     */
    @Nullable
    Inspection begin(Facts facts);

    /**
     * Begins to inspect the content of a message.
     *
     * @param envelope from {@link #beginEnvelope}, which the inspection takes over; or null
     * @return the inspection, or null when no check applies
     */
    default @Nullable Inspection begin(Facts facts, @Nullable EnvelopeInspection envelope) {
        return begin(facts);
    }

    /**
     * The facts that are known before the content.
     *
     * @param address the client's address
     * @param helo the argument of HELO
     * @param sender the reverse-path
     * @param ours whether the client may send to other domains: a user, or a relay client
     * @param id the id of the message in the queue, or an empty string before there is one
     * @param recipients the recipients accepted so far, as they are delivered to
     * @param name the client's confirmed name, or null
     * @param account the account that has logged in, or null
     * @param tls protocol and cipher, or null without TLS
     * @param forwarder the local domain whose address forwards the message to another domain, or null
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

        /** Creates the facts of a client without a name or a login, before the first recipient. */
        public Facts(InetAddress address, String helo, ReversePath sender, boolean ours) {
            this(address, helo, sender, ours, "", List.of(), null, null, null, null);
        }
    }

    /** The inspection of one envelope. Called on one thread; its stages may complete on another. */
    interface EnvelopeInspection {
        /**
         * Inspects a recipient.
         *
         * @param recipient the recipient as the client gave it
         * @return the reply that refuses it, or null; the stage does not fail, and completes within a bounded time
         */
        CompletionStage<@Nullable SmtpReply> recipient(Address recipient);

        /** Abandons the envelope. May be called more than once, also after the content has begun. */
        void cancel();
    }

    /** The inspection of one message. Called on one thread; its stages may complete on another. */
    interface Inspection {
        /** Inspects a piece of the content as it was received. The piece stays the caller's. */
        void feed(ByteBuf piece);

        /**
         * Returns the part of a piece that is stored. Fields that were forged in this server's name are removed.
         *
         * @param piece a piece that was fed before; this inspection takes it over
         * @return the octets to store, possibly none; the caller releases them
         */
        default ByteBuf filter(ByteBuf piece) {
            return piece;
        }

        /** Returns the octets that {@link #filter} held back, when the content is complete. The caller releases them. */
        default ByteBuf rest() {
            return Unpooled.EMPTY_BUFFER;
        }

        /** Returns a stage that completes when more may be fed, so that memory stays bounded when a filter is slow. */
        default CompletionStage<Void> ready() {
            return CompletableFuture.completedFuture(null);
        }

        /** Abandons the message. May be called more than once, also after {@link #finish}. */
        default void cancel() {
            // Nothing is held.
        }

        /**
         * Ends the message, and returns the verdict. The stage does not fail, and completes within a bounded time.
         *
         * @param added the fields, other than Received, that the server puts above the message's own
         */
        CompletionStage<Verdict> finish(String added);
    }

    /**
     * The verdict on a message.
     *
     * @param fields the fields to put on top of the message, each with its CRLF
     * @param refusal the reply that refuses the message, or null
     * @param disposition the disposition of a message that is accepted
     * @param head the message's own header, where {@link Inspection#filter} held it back; one character per octet
     * @param holdReason the reason of the filter that asked for {@link Disposition#HOLD}, or an empty string; one printable line
     */
    record Verdict(
            String fields, @Nullable SmtpReply refusal, Disposition disposition, String head, String holdReason) {
        /** A verdict without fields and without objection. */
        public static final Verdict SILENT = new Verdict("", null);

        /** Creates the verdict on a message that is refused or delivered. */
        public Verdict(String fields, @Nullable SmtpReply refusal) {
            this(fields, refusal, Disposition.DELIVER, "");
        }

        /** Creates the verdict on a message that no filter put on hold with a reason. */
        public Verdict(String fields, @Nullable SmtpReply refusal, Disposition disposition, String head) {
            this(fields, refusal, disposition, head, "");
        }
    }

    /** The disposition of a message that is accepted. */
    enum Disposition {
        DELIVER,
        /** Delivery to the Junk folders of local mailboxes. */
        JUNK,
        /** On hold in the queue until the operator releases it. */
        HOLD,
        /** Accepted from the client, and dropped. */
        DISCARD
    }
}
