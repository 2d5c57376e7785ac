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

/** One mail transaction: what was said since MAIL. RFC 5321, 3.3. */
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

    /** Adds what an RCPT has led to; a target that is there already is not added twice. */
    void add(Routing.Accepted routed) {
        accepted++;
        routed.recipients().forEach(recipient -> recipients.merge(key(recipient), recipient, SmtpTransaction::merged));
        if (routed.expanded() != null) {
            expanded.add(routed.expanded());
        }
    }

    /** One target that was asked for twice: its sender hears of what was wanted by either. */
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

    /** Addresses that stand for several recipients, whose sender wants to hear of success. */
    List<Recipient> expanded() {
        return List.copyOf(expanded);
    }

    private static String key(Recipient recipient) {
        return recipient.mailbox() != null
                ? recipient.mailbox().toString()
                : recipient.address().toString();
    }

    /** From now on the fields that name blind copies are taken out. RFC 5322, 3.6.3. */
    void removeBlindCopies() {
        blindCopies = new FieldRemover(BLIND_COPIES);
    }

    /** Returns what of a piece is kept, which may be nothing; takes the piece over. */
    ByteBuf kept(ByteBuf piece) {
        return blindCopies == null ? piece : blindCopies.pass(piece);
    }

    /** Returns what {@link #kept} has held back; the content is over. */
    ByteBuf keptRest() {
        return blindCopies == null ? Unpooled.EMPTY_BUFFER : blindCopies.finish();
    }

    /** Looks at a piece of content that passes. */
    void look(ByteBuf piece, boolean submitted) {
        hops.look(piece);
        ownHops.look(piece);
        if (inspection != null) {
            inspection.feed(piece);
        }
        if (submitted) {
            dates.look(piece);
            messageIds.look(piece);
        }
    }

    /** Gives a piece of what is kept to the writer, which releases it. Completes when more may come. */
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

    /** Whether what is kept begins with a line that would go on with a field before it. RFC 5322, 2.2.3. */
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

    /** Notes an RCPT that was refused. */
    void refuse() {
        refused = true;
    }

    /** Whether an RCPT was refused: then DATA without recipients is no mistake of the client. RFC 2920, 3.1. */
    boolean hasRefused() {
        return refused;
    }

    /** RCPT commands that were accepted. */
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

    /** Whether its content comes by BDAT. */
    boolean isChunking() {
        return chunking;
    }

    /** Whether this is the first time that it is asked. */
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
