package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.MailDate;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.CheckedMessage;
import org.mailserv.server.event.DiscardedMessage;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.UnstoredMessage;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;

/** Decides about a message whose content is complete, and stores it before it is acknowledged. RFC 5321, 4.2.5 and 6.1. */
final class AcceptanceStage {
    private static final int CRLF = 0x0d0a;

    private final SessionContext session;

    AcceptanceStage(SessionContext session) {
        this.session = session;
    }

    /** Checks and stores the message. The client's name goes into Received, so a lookup that is under way is awaited. */
    CompletionStage<SmtpReply> accept(SmtpTransaction open) {
        SmtpClientState client = session.client;
        return client.name.toCompletableFuture().isDone()
                ? check(open)
                : client.name.thenComposeAsync(answer -> check(open), session.executor());
    }

    private CompletionStage<SmtpReply> check(SmtpTransaction open) {
        MessageWriter writer = open.writer();
        if (writer == null || !session.transaction.is(open)) {
            return done(SmtpReplies.R503_BAD_SEQUENCE);
        }
        Envelope taken = open.envelope(
                writer.id(), arrival(open, session.services.clock().instant()));
        boolean held = session.services
                .limits()
                .holds(session.account(), taken.recipients().size());
        Envelope envelope = held ? taken.held(accountHold()) : taken;
        String added = session.endpoint.isSubmission() ? missingFields(open, envelope) : "";
        MessageChecks.Inspection inspection = open.inspection;
        if (inspection == null) {
            return store(open, writer, envelope, added, "");
        }
        open.append(writer, inspection.rest());
        long begin = System.nanoTime();
        return inspection
                .finish(added)
                .thenComposeAsync(
                        verdict -> {
                            session.services.events().checked(checked(verdict, System.nanoTime() - begin));
                            return judged(open, writer, envelope, added, verdict);
                        },
                        session.executor());
    }

    private Hold accountHold() {
        String account = session.account();
        return new Hold(
                Hold.By.ACCOUNT_LIMIT,
                "sending limit of the account " + account + ": unusually high volume; `mailserv user release " + account
                        + "` releases its mail",
                session.services.clock().instant());
    }

    private Hold filterHold(MessageChecks.Verdict verdict) {
        String words = verdict.holdReason();
        return new Hold(
                Hold.By.FILTER,
                "a filter asked for quarantine" + (words.isBlank() ? "" : ": " + words),
                session.services.clock().instant());
    }

    private CompletionStage<SmtpReply> judged(
            SmtpTransaction open,
            MessageWriter writer,
            Envelope envelope,
            String added,
            MessageChecks.Verdict verdict) {
        SmtpReply refusal = verdict.refusal();
        if (!session.transaction.is(open)) {
            // The connection was lost in the meantime, and the writer with it.
            return done(SmtpReplies.R503_BAD_SEQUENCE);
        } else if (refusal != null) {
            session.services.events().refused(Refusal.message(session.origin(), open.sender, refusal));
            session.transaction.abort();
            return done(refusal);
        }
        return switch (verdict.disposition()) {
            case DISCARD -> done(discard(open, writer.id()));
            case HOLD ->
                store(open, writer, envelope.held(filterHold(verdict)), verdict.fields() + added, verdict.head());
            case JUNK -> store(open, writer, envelope.toJunk(), verdict.fields() + added, verdict.head());
            case DELIVER -> store(open, writer, envelope, verdict.fields() + added, verdict.head());
        };
    }

    private SmtpReply discard(SmtpTransaction open, QueueId queueId) {
        session.services.events().discarded(new DiscardedMessage(session.origin(), queueId, open.sender));
        session.transaction.abort();
        session.transaction.noteProgress();
        return queued(queueId);
    }

    private static SmtpReply queued(QueueId queueId) {
        return SmtpReply.of(250, "2.0.0", "Ok: queued as " + queueId);
    }

    private CompletionStage<SmtpReply> store(
            SmtpTransaction open, MessageWriter writer, Envelope envelope, String fields, String head) {
        QueueId queueId = writer.id();
        long octets = writer.length();
        String subject = open.subject.subject();
        ByteBuf trace = trace(open, envelope, fields, head);
        // From here the spool owns the message: RSET or a lost connection must not discard it.
        session.transaction.handOver();
        CompletionStage<Void> stored = session.services.acceptor().accept(writer, envelope, trace, open.expanded());
        return session.resume(stored, (done, failure) -> {
            if (failure != null) {
                Throwable cause = cause(failure);
                session.services.events().notStored(new UnstoredMessage(session.origin(), queueId, cause));
                return refusalOf(cause);
            }
            session.services.events().accepted(accepted(envelope, octets, subject));
            return queued(queueId);
        });
    }

    private ByteBuf trace(SmtpTransaction open, Envelope envelope, String fields, String head) {
        ByteBuf trace = Unpooled.buffer(256 + fields.length() + head.length());
        ByteBufUtil.writeUtf8(trace, ReceivedField.of(envelope, session.services.hostname(), open.accepted()));
        ByteBufUtil.writeUtf8(trace, fields);
        if (head.isEmpty() ? open.beginsFolded() : SmtpTransaction.isFold(head.charAt(0))) {
            // Otherwise the message's first line would continue our last field, with content that its sender chooses.
            trace.writeShort(CRLF);
        }
        trace.writeCharSequence(head, StandardCharsets.ISO_8859_1);
        return trace;
    }

    private static CheckedMessage checked(MessageChecks.Verdict verdict, long nanos) {
        CheckedMessage.Result result = verdict.refusal() != null
                ? CheckedMessage.Result.REFUSED
                : switch (verdict.disposition()) {
                    case DISCARD -> CheckedMessage.Result.DISCARDED;
                    case HOLD -> CheckedMessage.Result.HELD;
                    case JUNK -> CheckedMessage.Result.JUNK;
                    case DELIVER -> CheckedMessage.Result.DELIVERED;
                };
        return new CheckedMessage(result, Duration.ofNanos(nanos));
    }

    private AcceptedMessage accepted(Envelope envelope, long octets, @Nullable String subject) {
        return new AcceptedMessage(
                session.endpoint.kind().source(),
                session.origin(),
                null,
                envelope.id(),
                envelope.sender(),
                envelope.recipients(),
                octets,
                subject);
    }

    private Arrival arrival(SmtpTransaction open, Instant now) {
        SmtpClientState client = session.client;
        return new Arrival(
                now,
                protocol(open),
                client.peer.address(),
                client.knownName(),
                client.hello,
                client.tls,
                session.account());
    }

    /** Returns the keyword for the "with" clause of Received. RFC 3848; RFC 6531, 4.3. */
    private String protocol(SmtpTransaction open) {
        SmtpClientState client = session.client;
        if (!client.extended) {
            return "SMTP";
        }
        String base =
                (open.smtpUtf8 ? "UTF8" : "") + (session.endpoint.isLmtp() ? "LMTP" : open.smtpUtf8 ? "SMTP" : "ESMTP");
        return base + (client.secure ? "S" : "") + (client.account != null ? "A" : "");
    }

    /** Returns the Date and Message-ID fields that a submitted message lacks. Other messages get none. RFC 6409, 8. */
    private String missingFields(SmtpTransaction open, Envelope envelope) {
        StringBuilder fields = new StringBuilder();
        if (open.dates.count() == 0) {
            fields.append("Date: ")
                    .append(MailDate.format(envelope.arrival().time(), ZoneId.systemDefault()))
                    .append("\r\n");
        }
        if (open.messageIds.count() == 0) {
            fields.append("Message-ID: <")
                    .append(envelope.id())
                    .append('@')
                    .append(session.services.hostname())
                    .append(">\r\n");
        }
        return fields.toString();
    }

    private static SmtpReply refusalOf(Throwable failure) {
        return failure instanceof SpoolException problem ? reply(problem.reason()) : SmtpReplies.R451_IO_ERROR;
    }

    /** Returns the refusal of a message that the spool does not take. */
    static SmtpReply reply(SpoolException.Reason reason) {
        return switch (reason) {
            case DISK_FULL -> SmtpReplies.R452_DISK_FULL;
            case OVERLOADED -> SmtpReplies.R451_OVERLOADED;
            case CLOSED -> SmtpReplies.R421_SHUTTING_DOWN;
            case IO_ERROR, NOT_FOUND -> SmtpReplies.R451_IO_ERROR;
        };
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
