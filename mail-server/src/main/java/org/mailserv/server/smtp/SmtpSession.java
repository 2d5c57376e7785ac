package org.mailserv.server.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.ContentResult;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A receiving session as a state machine: takes commands and content, gives replies, and knows no channel. Confined to one thread;
 * what comes back from services is brought back to it by the executor that it is given.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4">RFC 5321, 4.1.4</a>
 */
public final class SmtpSession {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);
    private static final CompletionStage<Void> GO_ON = CompletableFuture.completedFuture(null);

    private final String id;
    private final SmtpServices services;
    private final SmtpPeer peer;
    private final Executor home;

    private @Nullable String hello;
    private boolean extended;
    private @Nullable SmtpTransaction transaction;
    private @Nullable SmtpReply chunkRefusal;
    private boolean lastChunk;
    private int errors;
    private int idleCommands;
    private boolean closed;

    /**
     * @param id for log lines
     * @param home runs tasks on the session's thread, in order
     */
    public SmtpSession(String id, SmtpServices services, SmtpPeer peer, Executor home) {
        this.id = id;
        this.services = services;
        this.peer = peer;
        this.home = home;
    }

    /** The first reply. RFC 5321, 4.3.1. */
    public SmtpReply greeting() {
        return SmtpReply.of(220, services.hostname() + " ESMTP mailserv");
    }

    /** In a word, for people. */
    public String state() {
        SmtpTransaction open = transaction;
        if (open == null) {
            return hello == null ? "connected" : "ready";
        }
        return open.writer() != null ? "data" : open.accepted() > 0 ? "recipients" : "mail";
    }

    /** Answers a command; BDAT is answered by its last content instead, and has null here. The stage never fails. */
    public @Nullable CompletionStage<SmtpResponse> command(SmtpCommand command) {
        if (command instanceof SmtpCommand.Bdat bdat) {
            beginChunk(bdat);
            return null;
        }
        if (++idleCommands > services.config().maxCommands()) {
            return reply(SmtpReplies.R421_TOO_MANY_COMMANDS);
        }
        return dispatch(command);
    }

    private CompletionStage<SmtpResponse> dispatch(SmtpCommand command) {
        if (command instanceof SmtpCommand.Rcpt rcpt) {
            return rcpt(rcpt);
        }
        return reply(immediate(command));
    }

    private SmtpReply immediate(SmtpCommand command) {
        if (command instanceof SmtpCommand.Mail mail) {
            return mail(mail);
        } else if (command instanceof SmtpCommand.Data) {
            return data();
        } else if (command instanceof SmtpCommand.Helo helo) {
            return hello(helo.domain(), false);
        } else if (command instanceof SmtpCommand.Ehlo ehlo) {
            return hello(ehlo.domain(), true);
        } else if (command instanceof SmtpCommand.Rset) {
            endTransaction();
            return SmtpReplies.R250_OK;
        } else if (command instanceof SmtpCommand.Noop) {
            return SmtpReplies.R250_OK;
        } else if (command instanceof SmtpCommand.Quit) {
            endTransaction();
            return SmtpReplies.R221_BYE;
        } else if (command instanceof SmtpCommand.Help) {
            return help();
        } else if (command instanceof SmtpCommand.Vrfy) {
            return services.config().vrfy() ? SmtpReplies.R252_CANNOT_VERIFY : SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (command instanceof SmtpCommand.Malformed malformed) {
            return malformed.reply();
        } else if (command instanceof SmtpCommand.Unknown) {
            return SmtpReplies.R500_UNRECOGNIZED;
        }
        // EXPN, ETRN, AUTH, STARTTLS, LHLO, XCLIENT, SEND, SOML, SAML, TURN: known, and not served here. RFC 5321,
        // 4.2.4.
        return SmtpReplies.R502_NOT_IMPLEMENTED;
    }

    private static SmtpReply help() {
        return SmtpReply.of(214, "2.0.0", "Commands: HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT HELP VRFY");
    }

    private SmtpReply hello(String name, boolean extendedHello) {
        endTransaction();
        hello = name;
        extended = extendedHello;
        if (!extendedHello) {
            return SmtpReply.of(250, services.hostname());
        }
        List<String> lines = new ArrayList<>();
        lines.add(services.hostname() + " greets you");
        lines.add("PIPELINING");
        lines.add("SIZE " + services.config().maxMessageSize());
        lines.add("8BITMIME");
        lines.add("SMTPUTF8");
        lines.add("ENHANCEDSTATUSCODES");
        lines.add("CHUNKING");
        lines.add("BINARYMIME");
        lines.add("DSN");
        lines.add("HELP");
        return new SmtpReply(250, null, lines);
    }

    private SmtpReply mail(SmtpCommand.Mail mail) {
        if (hello == null) {
            return SmtpReplies.R503_HELLO_FIRST;
        } else if (transaction != null) {
            return SmtpReplies.R503_NESTED_MAIL;
        } else if (!extended && !mail.parameters().isEmpty()) {
            return SmtpReplies.R555_PARAMETER;
        }
        MailParameters parameters = MailParameters.of(mail, services.config().maxMessageSize());
        SmtpReply refusal = parameters.refusal();
        if (refusal != null) {
            return refusal;
        } else if (!services.spool().isWritable()) {
            return SmtpReplies.R452_DISK_FULL;
        }
        transaction = parameters.begin(mail.path());
        return SmtpReplies.R250_SENDER_OK;
    }

    private CompletionStage<SmtpResponse> rcpt(SmtpCommand.Rcpt rcpt) {
        SmtpTransaction open = transaction;
        if (hello == null) {
            return reply(SmtpReplies.R503_HELLO_FIRST);
        } else if (open == null || open.writer() != null) {
            return reply(open == null ? SmtpReplies.R503_MAIL_FIRST : SmtpReplies.R503_BAD_SEQUENCE);
        }
        RcptParameters parameters = RcptParameters.of(rcpt, open.smtpUtf8);
        SmtpReply refusal = parameters.refusal();
        if (refusal != null) {
            return reply(refusal);
        } else if (open.accepted() >= services.config().maxRecipients()) {
            return reply(SmtpReplies.R452_TOO_MANY_RECIPIENTS);
        }
        CompletionStage<Routing> routing = services.router()
                .route(rcpt.address(), parameters.originalRecipient(), parameters.notifyOn(), peer.mayRelay());
        return atHome(routing, (answer, failure) -> {
            if (failure != null) {
                LOG.error("event=rcpt-failed session={}", id, failure);
                return SmtpReplies.R451_UNAVAILABLE;
            } else if (answer instanceof Routing.Refused refused) {
                LOG.info(
                        "event=rcpt-refused session={} peer={} from=<{}> to=<{}> reply=\"{}\"",
                        id,
                        peer.address(),
                        open.sender,
                        rcpt.address(),
                        refused.reply());
                open.refuse();
                return refused.reply();
            }
            open.add(((Routing.Accepted) answer).recipients());
            // What brings a message forward is no idle command: their number has a bound of its own.
            idleCommands--;
            return SmtpReplies.R250_RECIPIENT_OK;
        });
    }

    /** A pipelining client sends DATA before it knows that no recipient was taken. RFC 2920, 3.1. */
    private static SmtpReply withoutRecipients(SmtpTransaction open) {
        return open.hasRefused() ? SmtpReplies.R554_NO_VALID_RECIPIENTS : SmtpReplies.R503_RCPT_FIRST;
    }

    private SmtpReply data() {
        SmtpTransaction open = transaction;
        if (hello == null) {
            return SmtpReplies.R503_HELLO_FIRST;
        } else if (open == null) {
            return SmtpReplies.R503_MAIL_FIRST;
        } else if (open.accepted() == 0) {
            return withoutRecipients(open);
        } else if (open.isChunking() || open.body == BodyType.BINARY_MIME) {
            // RFC 3030, 3: binary content has no line ends to find a dot by.
            return SmtpReplies.R503_BAD_SEQUENCE;
        }
        open.begin(services.spool().newMessage(), false);
        return SmtpReplies.R354_SEND_MESSAGE;
    }

    /** The chunk's octets come in any case; what is wrong with it is said behind them. RFC 3030, 2. */
    private void beginChunk(SmtpCommand.Bdat bdat) {
        SmtpTransaction open = transaction;
        lastChunk = bdat.last();
        chunkRefusal = null;
        if (open == null) {
            chunkRefusal = hello == null ? SmtpReplies.R503_HELLO_FIRST : SmtpReplies.R503_MAIL_FIRST;
        } else if (open.accepted() == 0) {
            chunkRefusal = withoutRecipients(open);
        } else if (open.writer() == null) {
            open.begin(services.spool().newMessage(), true);
        }
        MessageWriter writer = open == null ? null : open.writer();
        if (open != null
                && writer != null
                && writer.length() + bdat.size() > services.config().maxMessageSize()) {
            open.result = ContentResult.TOO_BIG;
        }
    }

    /**
     * Takes a piece of content that is not the last.
     *
     * @param content released here
     * @return completes when more may come
     */
    public CompletionStage<Void> content(SmtpContent content) {
        SmtpTransaction open = transaction;
        MessageWriter writer = open == null || chunkRefusal != null ? null : open.writer();
        ByteBuf piece = content.content();
        if (open == null || writer == null || open.result != ContentResult.OK || !piece.isReadable()) {
            piece.release();
            return GO_ON;
        }
        open.hops.look(piece);
        return writer.append(piece);
    }

    /** Takes the last piece of a body or of a chunk, and answers. The stage never fails. */
    public CompletionStage<SmtpResponse> lastContent(LastSmtpContent last) {
        content(last);
        SmtpTransaction open = transaction;
        SmtpReply refusal = chunkRefusal;
        chunkRefusal = null;
        if (open == null || refusal != null) {
            return reply(refusal == null ? SmtpReplies.R503_BAD_SEQUENCE : refusal);
        }
        if (open.isChunking() && !lastChunk) {
            return reply(
                    ++idleCommands > services.config().maxCommands()
                            ? SmtpReplies.R421_TOO_MANY_COMMANDS
                            : SmtpReplies.R250_OK);
        }
        if (!open.isChunking()) {
            open.result = last.result();
        }
        SmtpReply problem = problemOf(open);
        if (problem != null) {
            LOG.info(
                    "event=message-refused session={} peer={} from=<{}> reply=\"{}\"",
                    id,
                    peer.address(),
                    open.sender,
                    problem);
            endTransaction();
            return reply(problem);
        }
        return accept(open);
    }

    private @Nullable SmtpReply problemOf(SmtpTransaction open) {
        if (open.result == ContentResult.OK) {
            return open.hops.count() > services.config().hopLimit() ? SmtpReplies.R554_TOO_MANY_HOPS : null;
        }
        return switch (open.result) {
            case TOO_BIG -> SmtpReplies.R552_TOO_BIG;
            case BARE_CR_OR_LF -> SmtpReplies.R550_BARE_LINE_END;
            case LINE_TOO_LONG -> SmtpReplies.R550_LINE_TOO_LONG;
            case OK, ABORTED -> SmtpReplies.R451_IO_ERROR;
        };
    }

    private CompletionStage<SmtpResponse> accept(SmtpTransaction open) {
        MessageWriter writer = open.writer();
        if (writer == null) {
            return reply(SmtpReplies.R503_BAD_SEQUENCE);
        }
        QueueId queueId = writer.id();
        Arrival arrival =
                new Arrival(services.clock().instant(), protocol(open), peer.address(), peer.name(), hello, null, null);
        Envelope envelope = new Envelope(
                queueId,
                open.sender,
                open.recipients(),
                arrival,
                open.body,
                open.smtpUtf8,
                false,
                open.returnFull,
                open.envelopeId,
                null,
                null);
        long octets = writer.length();
        ByteBuf trace = Unpooled.buffer(256);
        ByteBufUtil.writeUtf8(trace, ReceivedField.of(envelope, services.hostname(), open.accepted()));
        // From here the spool has it: RSET or a lost connection must not take it back.
        transaction = null;
        idleCommands = 0;
        return atHome(services.acceptor().accept(writer, envelope, trace), (accepted, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "event=message-not-stored session={} id={} reason={}",
                        id,
                        queueId,
                        cause(failure).toString());
                return refusalOf(cause(failure));
            }
            LOG.info(
                    "event=message-accepted session={} id={} peer={} from=<{}> recipients={} octets={}",
                    id,
                    queueId,
                    peer.address(),
                    envelope.sender(),
                    envelope.recipients().size(),
                    octets);
            return SmtpReply.of(250, "2.0.0", "Ok: queued as " + queueId);
        });
    }

    private String protocol(SmtpTransaction open) {
        // RFC 3848 and RFC 6531, 4.3.
        return open.smtpUtf8 ? "UTF8SMTP" : extended ? "ESMTP" : "SMTP";
    }

    private static SmtpReply refusalOf(Throwable failure) {
        if (failure instanceof SpoolException problem) {
            return switch (problem.reason()) {
                case DISK_FULL -> SmtpReplies.R452_DISK_FULL;
                case OVERLOADED -> SmtpReplies.R451_OVERLOADED;
                case CLOSED -> SmtpReplies.R421_SHUTTING_DOWN;
                case IO_ERROR, NOT_FOUND -> SmtpReplies.R451_IO_ERROR;
            };
        }
        return SmtpReplies.R451_IO_ERROR;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void endTransaction() {
        if (transaction != null) {
            transaction.abort();
            transaction = null;
        }
    }

    /** The connection is gone or ends: what was not acknowledged is forgotten. Any number of times. */
    public void close() {
        closed = true;
        endTransaction();
    }

    /** Whether a message is being taken, so that a stop should wait for its end. */
    public boolean isInTransaction() {
        return transaction != null;
    }

    private CompletionStage<SmtpResponse> reply(SmtpReply reply) {
        return CompletableFuture.completedFuture(counted(reply));
    }

    private SmtpResponse counted(SmtpReply reply) {
        if (reply.code() >= 500 && ++errors >= services.config().maxErrors()) {
            endTransaction();
            return SmtpResponse.of(SmtpReplies.R421_TOO_MANY_ERRORS);
        }
        SmtpResponse response = SmtpResponse.of(reply);
        return reply.code() == 221 || reply == SmtpReplies.R501_PLAINTEXT_BEHIND_STARTTLS
                ? new SmtpResponse(reply, true)
                : response;
    }

    /** Goes on where the session lives: at once when the stage is complete, else when its thread gets to it. */
    private <T> CompletionStage<SmtpResponse> atHome(
            CompletionStage<T> stage, BiFunction<@Nullable T, @Nullable Throwable, SmtpReply> next) {
        if (stage.toCompletableFuture().isDone()) {
            return stage.handle((value, failure) -> counted(next.apply(value, failure)));
        }
        return stage.handleAsync(
                (value, failure) -> {
                    SmtpReply reply = next.apply(value, failure);
                    if (closed) {
                        endTransaction();
                    }
                    return counted(reply);
                },
                home);
    }
}
