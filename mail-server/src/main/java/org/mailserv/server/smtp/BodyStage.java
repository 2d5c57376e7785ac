package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.ContentResult;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Recipient;

/** Handles DATA and BDAT, and passes the content to the spool and to the checks. RFC 5321, 4.1.1.4; RFC 3030, 2. */
final class BodyStage {

    private final SessionContext session;
    private final AcceptanceStage acceptance;
    private @Nullable SmtpReply chunkRefusal;
    private boolean lastChunk;
    private int replies = 1;

    BodyStage(SessionContext session, AcceptanceStage acceptance) {
        this.session = session;
        this.acceptance = acceptance;
    }

    /** Returns the number of times to send the last reply: LMTP sends it once for each recipient. RFC 2033, 4.2. */
    int takeReplies() {
        int was = replies;
        replies = 1;
        return was;
    }

    /** Handles DATA. At least one recipient was accepted. */
    SmtpReply data() {
        SmtpTransaction open = session.transaction.get();
        if (open == null || open.body == BodyType.BINARY_MIME) {
            // RFC 3030, 3: binary content has no lines, so no line with a dot can end it.
            return SmtpReplies.R503_BAD_SEQUENCE;
        }
        begin(open, false);
        return SmtpReplies.R354_SEND_MESSAGE;
    }

    private void begin(SmtpTransaction open, boolean byChunks) {
        MessageWriter writer = newMessage(open.sender, open.recipients());
        open.begin(writer, byChunks);
        if (session.endpoint.isSubmission() || session.client.account != null) {
            // A mail program names recipients of blind copies in RCPT. In mail of other servers the field is their own.
            open.removeBlindCopies();
        }
        InetAddress address = session.client.address;
        if (address != null && !session.endpoint.isLmtp()) {
            MessageChecks.Facts facts = session.facts(
                    open,
                    address,
                    writer.id().toString(),
                    open.recipients().stream().map(Recipient::address).toList());
            open.inspection = session.services.checks().begin(facts, open.envelopeInspection);
        }
    }

    private MessageWriter newMessage(ReversePath sender, List<Recipient> recipients) {
        return recipients.stream().allMatch(Recipient::isLocal)
                ? session.services.spool().newLocalMessage(sender, recipients.size())
                : session.services.spool().newMessage(recipients.size());
    }

    /** Handles BDAT. At least one recipient was accepted; the octets of the chunk follow as content. */
    void beginChunk(SmtpCommand.Bdat bdat) {
        lastChunk = bdat.last();
        chunkRefusal = null;
        SmtpTransaction open = session.transaction.get();
        if (open == null) {
            return;
        } else if (open.writer() == null) {
            begin(open, true);
        }
        MessageWriter writer = open.writer();
        if (writer != null && writer.length() + bdat.size() > session.config().maxMessageSize()) {
            open.result = ContentResult.TOO_BIG;
        }
    }

    /** Discards the chunk that follows a refused BDAT. The refusal is sent after its octets. RFC 3030, 2. */
    void refuseChunk(SmtpReply refusal) {
        chunkRefusal = refusal;
    }

    /** Takes a piece of content that is not the last, and releases it. The stage completes when more may be sent. */
    CompletionStage<Void> content(SmtpContent content) {
        SmtpTransaction open = session.transaction.get();
        MessageWriter writer = open == null || chunkRefusal != null ? null : open.writer();
        ByteBuf piece = content.content();
        if (open == null || writer == null || open.result != ContentResult.OK || !piece.isReadable()) {
            piece.release();
            return CompletableFuture.completedFuture(null);
        }
        return keep(open, writer, open.kept(piece));
    }

    private CompletionStage<Void> keep(SmtpTransaction open, MessageWriter writer, ByteBuf piece) {
        open.look(piece, session.endpoint.isSubmission());
        if (session.config().refuseBareLineEnds() && open.isChunking() && open.body != BodyType.BINARY_MIME) {
            // After DATA the codec looks for them. Chunks of a message declared as binary may contain any octet.
            open.bareLineEnds.look(piece);
        }
        MessageChecks.Inspection inspection = open.inspection;
        if (inspection == null) {
            return open.append(writer, piece);
        }
        CompletionStage<Void> appended = open.append(writer, inspection.filter(piece));
        CompletionStage<Void> looked = inspection.ready();
        return looked.toCompletableFuture().isDone()
                ? appended
                : appended.thenCombineAsync(looked, (one, other) -> one, session.executor());
    }

    /** Takes the last piece of a body or of a chunk, releases it, and returns the reply. */
    CompletionStage<SmtpReply> lastContent(LastSmtpContent last) {
        content(last);
        SmtpTransaction open = session.transaction.get();
        SmtpReply refusal = chunkRefusal;
        chunkRefusal = null;
        if (refusal != null && open != null && open.accepted() == 0) {
            // The next message may be on its way already, and must not be taken for the rest of this one. RFC 3030, 2.
            session.transaction.abort();
        }
        if (open == null || refusal != null) {
            return done(refusal == null ? SmtpReplies.R503_BAD_SEQUENCE : refusal);
        } else if (open.isChunking() && !lastChunk) {
            return done(SmtpReplies.R250_OK);
        }
        MessageWriter writer = open.writer();
        if (writer != null && open.result == ContentResult.OK) {
            keep(open, writer, open.keptRest());
        }
        if (!open.isChunking()) {
            open.result = last.result();
        } else if (open.result == ContentResult.OK && open.bareLineEnds.found()) {
            open.result = ContentResult.BARE_CR_OR_LF;
        }
        replies = session.endpoint.isLmtp() ? open.accepted() : 1;
        SmtpReply problem = problemOf(open);
        if (problem != null) {
            return done(refused(open, problem));
        }
        return acceptance.accept(open);
    }

    private SmtpReply refused(SmtpTransaction open, SmtpReply reply) {
        session.services.events().refused(Refusal.message(session.origin(), open.sender, reply));
        session.transaction.abort();
        return reply;
    }

    private @Nullable SmtpReply problemOf(SmtpTransaction open) {
        return switch (open.result) {
            case OK ->
                open.hops.count() > session.config().hopLimit()
                                || open.ownHops.count() > session.config().ownHopLimit()
                        ? SmtpReplies.R554_TOO_MANY_HOPS
                        : null;
            case TOO_BIG -> SmtpReplies.R552_TOO_BIG;
            case BARE_CR_OR_LF -> SmtpReplies.R550_BARE_LINE_END;
            case LINE_TOO_LONG -> SmtpReplies.R550_LINE_TOO_LONG;
            case ABORTED -> SmtpReplies.R451_IO_ERROR;
        };
    }
}
