package org.mailserv.server.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.FieldCounter;
import org.mailserv.codec.header.FieldRemover;
import org.mailserv.codec.header.SubjectReader;
import org.mailserv.codec.smtp.ContentResult;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/** A mail transaction: the envelope and the progress of the content since MAIL. RFC 5321, 3.3. */
final class SmtpTransaction {
    private static final Set<String> BLIND_COPIES = Set.of("bcc", "resent-bcc");
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);

    final ReversePath sender;
    final BodyType body;
    final boolean smtpUtf8;
    final @Nullable Boolean returnFull;
    final @Nullable String envelopeId;
    final boolean requireTls;
    final FieldCounter hops = new FieldCounter("Received");
    final FieldCounter ownHops;
    final FieldCounter dates = new FieldCounter("Date");
    final BareLineEnds bareLineEnds = new BareLineEnds();
    final SubjectReader subject = new SubjectReader();
    final FieldCounter messageIds = new FieldCounter("Message-ID");

    private final Map<String, Recipient> recipients = new LinkedHashMap<>();
    private final List<Recipient> expanded = new ArrayList<>();
    private @Nullable FieldRemover blindCopies;
    private int accepted;
    private boolean refused;
    private boolean folded;
    private @Nullable MessageWriter writer;
    MessageChecks.@Nullable Inspection inspection;
    MessageChecks.@Nullable EnvelopeInspection envelopeInspection;
    private boolean envelopeSeen;
    private boolean chunking;
    ContentResult result = ContentResult.OK;

    SmtpTransaction(
            String hostname,
            ReversePath sender,
            BodyType body,
            boolean smtpUtf8,
            @Nullable Boolean returnFull,
            @Nullable String envelopeId,
            boolean requireTls) {
        this.ownHops = FieldCounter.ofTracesBy(hostname);
        this.sender = sender;
        this.body = body;
        this.smtpUtf8 = smtpUtf8;
        this.returnFull = returnFull;
        this.envelopeId = envelopeId;
        this.requireTls = requireTls;
    }

    /** Adds the recipients of an accepted RCPT. A recipient that is present already is not added twice. */
    void add(Routing.Accepted routed) {
        accepted++;
        routed.recipients().forEach(recipient -> recipients.merge(key(recipient), recipient, SmtpTransaction::merged));
        if (routed.expanded() != null) {
            expanded.add(routed.expanded());
        }
    }

    /** Merges two requests for one recipient: the sender is notified of the events of either. */
    private static Recipient merged(Recipient first, Recipient second) {
        Set<Notify> events = EnumSet.noneOf(Notify.class);
        for (Notify event : Notify.values()) {
            if (first.wants(event) || second.wants(event)) {
                events.add(event);
            }
        }
        Recipient shown = second.wants(Notify.SUCCESS) && !first.wants(Notify.SUCCESS) ? second : first;
        boolean same = first.notifyOn() == null && second.notifyOn() == null;
        return same
                ? first
                : new Recipient(shown.address(), shown.mailbox(), shown.original(), shown.originalRecipient(), events);
    }

    /** Returns the addresses that stand for several recipients and whose sender asked to be notified of success. */
    List<Recipient> expanded() {
        return List.copyOf(expanded);
    }

    private static String key(Recipient recipient) {
        return recipient.mailbox() != null
                ? recipient.mailbox().toString()
                : recipient.address().toString();
    }

    /** Removes the fields that name blind copies from the content that follows. RFC 5322, 3.6.3. */
    void removeBlindCopies() {
        blindCopies = new FieldRemover(BLIND_COPIES);
    }

    /** Takes ownership of a piece, and returns the octets to keep, which may be none. */
    ByteBuf kept(ByteBuf piece) {
        return blindCopies == null ? piece : blindCopies.pass(piece);
    }

    /** Ends the content, and returns the octets that {@link #kept} has held back. */
    ByteBuf keptRest() {
        return blindCopies == null ? Unpooled.EMPTY_BUFFER : blindCopies.finish();
    }

    /** Passes a piece of content to the inspection and the counters. */
    void look(ByteBuf piece, boolean submitted) {
        hops.look(piece);
        ownHops.look(piece);
        subject.look(piece);
        if (inspection != null) {
            inspection.feed(piece);
        }
        if (submitted) {
            dates.look(piece);
            messageIds.look(piece);
        }
    }

    /** Appends a piece to the writer, which releases it. The stage completes when more may be appended. */
    CompletionStage<Void> append(MessageWriter target, ByteBuf piece) {
        if (!piece.isReadable()) {
            piece.release();
            return DONE;
        }
        if (target.length() == 0) {
            folded = isFold(piece.getByte(piece.readerIndex()));
        }
        return target.append(piece);
    }

    /** Returns whether the content begins with a line that would continue a field before it. RFC 5322, 2.2.3. */
    boolean beginsFolded() {
        return folded;
    }

    static boolean isFold(int first) {
        return first == ' ' || first == '\t';
    }

    Envelope envelope(QueueId id, Arrival arrival) {
        return new Envelope(
                id, sender, recipients(), arrival, body, smtpUtf8, requireTls, returnFull, envelopeId, null, null);
    }

    /** Returns the domain of the first local address whose mail is forwarded to another one, or null. */
    @Nullable
    String forwarder() {
        for (Recipient recipient : recipients.values()) {
            Address original = recipient.original();
            if (!recipient.isLocal() && original != null) {
                return original.domain();
            }
        }
        return null;
    }

    /** Records a refused RCPT. */
    void refuse() {
        refused = true;
    }

    /** Returns whether an RCPT was refused. In that case DATA without recipients is not an error of the client. RFC 2920, 3.1. */
    boolean hasRefused() {
        return refused;
    }

    /** Returns the number of accepted RCPT commands. */
    int accepted() {
        return accepted;
    }

    List<Recipient> recipients() {
        return List.copyOf(recipients.values());
    }

    @Nullable
    MessageWriter writer() {
        return writer;
    }

    void begin(MessageWriter newWriter, boolean byChunks) {
        writer = newWriter;
        chunking = byChunks;
    }

    /** Returns whether the content is sent with BDAT. */
    boolean isChunking() {
        return chunking;
    }

    /** Returns true at the first call only. */
    boolean firstRecipient() {
        boolean first = !envelopeSeen;
        envelopeSeen = true;
        return first;
    }

    void abort() {
        if (envelopeInspection != null) {
            envelopeInspection.cancel();
        }
        if (inspection != null) {
            inspection.cancel();
        }
        if (writer != null) {
            writer.abort();
        }
    }
}
