package org.mailserv.server.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathForm;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.MailDate;
import org.mailserv.codec.smtp.ContentResult;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes messages, one transaction after the other: MAIL, RCPT, DATA or BDAT, and the content. RFC 5321, 3.3. On the session's thread. */
final class SmtpReception {
    private static final int LOGGED_RECIPIENTS = 20;
    private static final Logger LOG = LoggerFactory.getLogger(SmtpReception.class);
    private static final int CRLF = 0x0d0a;
    private static final String BARE_NAME = "Address without a domain (expected: <local-part@domain>)";
    private static final SmtpReply BARE_SENDER = SmtpReply.of(501, "5.1.7", BARE_NAME);
    private static final SmtpReply BARE_RECIPIENT = SmtpReply.of(501, "5.1.3", BARE_NAME);

    private final String id;
    private final SmtpServices services;
    private final SmtpEndpoint endpoint;
    private final SmtpClientState client;
    private final Executor home;

    private @Nullable SmtpTransaction transaction;
    private @Nullable SmtpReply chunkRefusal;
    private boolean lastChunk;
    private boolean closed;
    private boolean progressed;
    private int replies = 1;

    SmtpReception(String id, SmtpServices services, SmtpEndpoint endpoint, SmtpClientState client, Executor home) {
        this.id = id;
        this.services = services;
        this.endpoint = endpoint;
        this.client = client;
        this.home = home;
    }

    boolean isInTransaction() {
        return transaction != null;
    }

    /** In a word, for people. */
    String state() {
        SmtpTransaction open = transaction;
        if (open == null) {
            return client.hello == null ? "connected" : "ready";
        }
        return open.writer() != null ? "data" : open.accepted() > 0 ? "recipients" : "mail";
    }

    /** Whether a message came forward since the last time that this was asked. */
    boolean takeProgress() {
        boolean was = progressed;
        progressed = false;
        return was;
    }

    /** How often the last reply is to be said: LMTP wants it for each recipient. RFC 2033, 4.2. */
    int takeReplies() {
        int was = replies;
        replies = 1;
        return was;
    }

    CompletionStage<SmtpReply> mail(SmtpCommand.Mail given) {
        SmtpCommand.Mail mail = qualified(given);
        if (isBare(mail.path().address())) {
            return done(BARE_SENDER);
        } else if (client.hello == null) {
            return done(SmtpReplies.R503_HELLO_FIRST);
        } else if (endpoint.isSubmission() && !client.mayRelay()) {
            return done(SmtpReplies.R530_AUTHENTICATION_REQUIRED);
        } else if (transaction != null) {
            return done(SmtpReplies.R503_NESTED_MAIL);
        } else if (!client.extended && !mail.parameters().isEmpty()) {
            return done(SmtpReplies.R555_PARAMETER);
        }
        SmtpReply malformed = malformed(mail.form(), "5.1.7");
        if (malformed != null) {
            return done(malformed);
        }
        MailParameters parameters = MailParameters.of(mail, services.config().maxMessageSize(), client.secure);
        SmtpReply refusal = parameters.refusal();
        if (refusal != null) {
            return done(refusal);
        } else if (!services.spool().isWritable()) {
            return done(SmtpReplies.R452_DISK_FULL);
        }
        return nameRefusal().thenCompose(nameless -> nameless == null ? fromOwner(mail, parameters) : done(nameless));
    }

    /** Refuses local parts that do not keep to the letter, where that is wanted. RFC 5321, 4.1.2 and 4.5.3.1.1. */
    private @Nullable SmtpReply malformed(PathForm form, String status) {
        return services.config().strictAddresses() && !form.standard()
                ? SmtpReply.of(
                        501,
                        status,
                        "Malformed local part (expected: dots only between words, at most 64 octets; or quotes)")
                : null;
    }

    private static boolean isBare(@Nullable Address address) {
        return address != null && address.domain().isEmpty();
    }

    /** Programs of this host, and clients that may relay, name local users without a domain: the primary one is meant. */
    private boolean mayLeaveDomainOut() {
        InetAddress address = client.address;
        return client.mayRelay() || endpoint.isLmtp() || address != null && address.isLoopbackAddress();
    }

    private SmtpCommand.Mail qualified(SmtpCommand.Mail mail) {
        Address sender = mail.path().address();
        if (sender == null || !isBare(sender) || !mayLeaveDomainOut()) {
            return mail;
        }
        Address whole = new Address(sender.localPart(), services.accounts().primaryDomain());
        return new SmtpCommand.Mail(new ReversePath(whole), mail.parameters(), mail.form());
    }

    /** Refuses strangers without a name, where that is wanted. RFC 7372, 3.3. */
    private CompletionStage<@Nullable SmtpReply> nameRefusal() {
        SmtpConfig.PtrPolicy policy = services.config().ptr();
        boolean asked = policy == SmtpConfig.PtrPolicy.DEFER || policy == SmtpConfig.PtrPolicy.REJECT;
        if (!asked || client.mayRelay() || endpoint.isLmtp() || client.peer.name() != null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletionStage<ClientNames.Answer> name =
                client.name.toCompletableFuture().isDone()
                        ? client.name
                        : client.name.whenCompleteAsync((answer, failure) -> {}, home);
        return name.thenApply(answer -> {
            if (answer instanceof ClientNames.Answer.Confirmed) {
                return null;
            }
            boolean forGood = answer instanceof ClientNames.Answer.None && policy == SmtpConfig.PtrPolicy.REJECT;
            LOG.info("event=nameless-client session={} peer={}", id, client.peer.address());
            return SmtpReply.of(
                    forGood ? 550 : 450,
                    forGood ? "5.7.25" : "4.7.25",
                    "Your address has no name that leads back to it (PTR)");
        });
    }

    private CompletionStage<SmtpReply> fromOwner(SmtpCommand.Mail mail, MailParameters parameters) {
        Account account = client.account;
        Address sender = mail.path().address();
        if (account == null || sender == null || !services.config().checkSender() || owns(account, sender)) {
            return done(begin(mail, parameters));
        }
        return atHome(services.accounts().resolve(sender), (resolution, failure) -> {
            if (failure != null) {
                return SmtpReplies.R451_UNAVAILABLE;
            } else if (resolution instanceof Resolution.Found found
                    && services.accounts().isLocalDomain(sender.domain())
                    && found.mailboxes().contains(account.mailbox())) {
                return begin(mail, parameters);
            }
            LOG.info("event=sender-refused session={} account={} from=<{}>", id, account.mailbox(), sender);
            return SmtpReplies.R550_SENDER_NOT_OWNED;
        });
    }

    private SmtpReply begin(SmtpCommand.Mail mail, MailParameters parameters) {
        InetAddress address = client.address;
        SmtpReply tooMany = address == null || client.mayRelay()
                ? null
                : services.limits().atMail(account(), address, mail.path().toString());
        if (tooMany != null) {
            return tooMany;
        }
        transaction = parameters.begin(services.hostname(), mail.path());
        return SmtpReplies.R250_SENDER_OK;
    }

    private static boolean owns(Account account, Address sender) {
        MailboxName name = new MailboxName(sender.domain(), sender.localPart());
        return name.equals(account.mailbox())
                || account.senders().contains(name.toString())
                || account.senders().contains("@" + sender.domain());
    }

    CompletionStage<SmtpReply> rcpt(SmtpCommand.Rcpt rcpt) {
        SmtpTransaction open = transaction;
        // RFC 5321, 4.1.1.3: anybody may write to postmaster without a domain.
        if (isBare(rcpt.address()) && !rcpt.address().isPostmaster() && !mayLeaveDomainOut()) {
            return done(BARE_RECIPIENT);
        } else if (client.hello == null) {
            return done(SmtpReplies.R503_HELLO_FIRST);
        } else if (open == null || open.writer() != null) {
            return done(open == null ? SmtpReplies.R503_MAIL_FIRST : SmtpReplies.R503_BAD_SEQUENCE);
        }
        RcptParameters parameters = RcptParameters.of(rcpt, open.smtpUtf8);
        SmtpReply malformed = malformed(rcpt.form(), "5.1.3");
        SmtpReply refusal = malformed == null ? parameters.refusal() : malformed;
        if (refusal != null) {
            return done(refusal);
        } else if (open.accepted() >= services.config().maxRecipients()) {
            return done(SmtpReplies.R452_TOO_MANY_RECIPIENTS);
        }
        boolean mayRelay = client.mayRelay() && !endpoint.isLmtp();
        CompletionStage<Routing> routing = services.router()
                .route(rcpt.address(), parameters.originalRecipient(), parameters.notifyOn(), mayRelay);
        return here(routing)
                .handle((answer, failure) -> routed(open, rcpt.address(), answer, failure))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<SmtpReply> routed(
            SmtpTransaction open, Address address, @Nullable Routing answer, @Nullable Throwable failure) {
        if (answer instanceof Routing.Refused refused) {
            return done(refused(open, address, refused.reply()));
        } else if (answer instanceof Routing.Accepted accepted) {
            return routed(open, address, accepted);
        }
        LOG.error("event=rcpt-failed session={}", id, failure);
        return done(SmtpReplies.R451_UNAVAILABLE);
    }

    private CompletionStage<SmtpReply> routed(SmtpTransaction open, Address address, Routing.Accepted accepted) {
        SmtpReply limited = services.limits().atRecipient(account());
        SmtpReply later = limited == null ? checked(open, address) : limited;
        if (later != null) {
            return done(refused(open, address, later));
        }
        MessageChecks.EnvelopeInspection envelope = envelopeInspection(open);
        if (envelope == null) {
            return done(added(open, accepted));
        }
        return atHome(envelope.recipient(address), (refusal, problem) -> {
            if (problem != null) {
                LOG.error("event=rcpt-failed session={}", id, problem);
                return SmtpReplies.R451_UNAVAILABLE;
            }
            return refusal != null ? refused(open, address, refusal) : added(open, accepted);
        });
    }

    private SmtpReply added(SmtpTransaction open, Routing.Accepted accepted) {
        open.add(accepted);
        progressed = true;
        return SmtpReplies.R250_RECIPIENT_OK;
    }

    /** Who wants to see the recipients of this message one by one, or null. */
    private MessageChecks.@Nullable EnvelopeInspection envelopeInspection(SmtpTransaction open) {
        InetAddress address = client.address;
        if (open.firstRecipient() && address != null && !endpoint.isLmtp() && !closed) {
            open.envelopeInspection = services.checks().beginEnvelope(facts(open, address, "", List.of()));
        }
        return open.envelopeInspection;
    }

    private MessageChecks.Facts facts(
            SmtpTransaction open, InetAddress address, String queueId, List<Address> recipients) {
        return new MessageChecks.Facts(
                address,
                client.hello == null ? "" : client.hello,
                open.sender,
                client.mayRelay(),
                queueId,
                recipients,
                client.knownName(),
                account(),
                client.tls,
                forwarder(open));
    }

    private @Nullable SmtpReply checked(SmtpTransaction open, Address recipient) {
        InetAddress address = client.address;
        String hello = client.hello;
        return address == null || hello == null || endpoint.isLmtp()
                ? null
                : services.checks()
                        .recipient(new MessageChecks.Facts(address, hello, open.sender, client.mayRelay()), recipient);
    }

    private SmtpReply refused(SmtpTransaction open, Address recipient, SmtpReply reply) {
        LOG.info(
                "event=rcpt-refused session={} peer={} from=<{}> to=<{}> reply=\"{}\"",
                id,
                client.peer.address(),
                open.sender,
                recipient,
                reply);
        open.refuse();
        return reply;
    }

    /** A pipelining client sends DATA before it knows that no recipient was taken. RFC 2920, 3.1. */
    private static SmtpReply withoutRecipients(SmtpTransaction open) {
        return open.hasRefused() ? SmtpReplies.R554_NO_VALID_RECIPIENTS : SmtpReplies.R503_RCPT_FIRST;
    }

    SmtpReply data() {
        SmtpTransaction open = transaction;
        if (client.hello == null) {
            return SmtpReplies.R503_HELLO_FIRST;
        } else if (open == null) {
            return SmtpReplies.R503_MAIL_FIRST;
        } else if (open.accepted() == 0) {
            return withoutRecipients(open);
        } else if (open.isChunking() || open.body == BodyType.BINARY_MIME) {
            // RFC 3030, 3: binary content has no line ends to find a dot by.
            return SmtpReplies.R503_BAD_SEQUENCE;
        }
        begin(open, false);
        return SmtpReplies.R354_SEND_MESSAGE;
    }

    private void begin(SmtpTransaction open, boolean byChunks) {
        open.begin(newMessage(open.sender, open.recipients()), byChunks);
        if (endpoint.isSubmission() || client.account != null) {
            // A user's program says by RCPT who gets a blind copy. Mail of other servers is theirs.
            open.removeBlindCopies();
        }
        InetAddress address = client.address;
        if (address != null && !endpoint.isLmtp()) {
            MessageWriter writer = open.writer();
            open.inspection = services.checks()
                    .begin(
                            facts(
                                    open,
                                    address,
                                    writer == null ? "" : writer.id().toString(),
                                    open.recipients().stream()
                                            .map(Recipient::address)
                                            .toList()),
                            open.envelopeInspection);
        }
    }

    private MessageWriter newMessage(ReversePath sender, List<Recipient> recipients) {
        return recipients.stream().allMatch(Recipient::isLocal)
                ? services.spool().newLocalMessage(sender, recipients.size())
                : services.spool().newMessage(recipients.size());
    }

    /** The domain of the first local address that sends the message on. */
    private static @Nullable String forwarder(SmtpTransaction open) {
        for (Recipient recipient : open.recipients()) {
            Address original = recipient.original();
            if (!recipient.isLocal() && original != null) {
                return original.domain();
            }
        }
        return null;
    }

    /** The chunk's octets come in any case; what is wrong with it is said behind them. RFC 3030, 2. */
    void beginChunk(SmtpCommand.Bdat bdat) {
        SmtpTransaction open = transaction;
        lastChunk = bdat.last();
        chunkRefusal = null;
        if (open == null) {
            chunkRefusal = client.hello == null ? SmtpReplies.R503_HELLO_FIRST : SmtpReplies.R503_MAIL_FIRST;
        } else if (open.accepted() == 0) {
            chunkRefusal = withoutRecipients(open);
        } else if (open.writer() == null) {
            begin(open, true);
        }
        MessageWriter writer = open == null ? null : open.writer();
        if (open != null
                && writer != null
                && writer.length() + bdat.size() > services.config().maxMessageSize()) {
            open.result = ContentResult.TOO_BIG;
        }
    }

    /** Takes a piece of content that is not the last, and releases it. Completes when more may come. */
    CompletionStage<Void> content(SmtpContent content) {
        SmtpTransaction open = transaction;
        MessageWriter writer = open == null || chunkRefusal != null ? null : open.writer();
        ByteBuf piece = content.content();
        if (open == null || writer == null || open.result != ContentResult.OK || !piece.isReadable()) {
            piece.release();
            return CompletableFuture.completedFuture(null);
        }
        return keep(open, writer, open.kept(piece));
    }

    private CompletionStage<Void> keep(SmtpTransaction open, MessageWriter writer, ByteBuf piece) {
        open.look(piece, endpoint.isSubmission());
        if (services.config().refuseBareLineEnds() && open.isChunking() && open.body != BodyType.BINARY_MIME) {
            // After DATA the codec looks for them. Chunks of a message that is declared as binary may have any octet.
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
                : appended.thenCombineAsync(looked, (one, other) -> one, home);
    }

    /** Takes the last piece of a body or of a chunk, and answers. */
    CompletionStage<SmtpReply> lastContent(LastSmtpContent last) {
        content(last);
        SmtpTransaction open = transaction;
        SmtpReply refusal = chunkRefusal;
        chunkRefusal = null;
        if (open == null || refusal != null) {
            return done(refusal == null ? SmtpReplies.R503_BAD_SEQUENCE : refusal);
        }
        if (open.isChunking() && !lastChunk) {
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
        replies = endpoint.isLmtp() ? open.accepted() : 1;
        SmtpReply problem = problemOf(open);
        if (problem != null) {
            LOG.info(
                    "event=message-refused session={} peer={} from=<{}> reply=\"{}\"",
                    id,
                    client.peer.address(),
                    open.sender,
                    problem);
            end();
            return done(problem);
        }
        // The name goes into Received: it has a bounded time to come.
        return client.name.toCompletableFuture().isDone()
                ? accept(open)
                : client.name.thenComposeAsync(answer -> accept(open), home);
    }

    private @Nullable SmtpReply problemOf(SmtpTransaction open) {
        if (open.result == ContentResult.OK) {
            return open.hops.count() > services.config().hopLimit()
                            || open.ownHops.count() > services.config().ownHopLimit()
                    ? SmtpReplies.R554_TOO_MANY_HOPS
                    : null;
        }
        return switch (open.result) {
            case TOO_BIG -> SmtpReplies.R552_TOO_BIG;
            case BARE_CR_OR_LF -> SmtpReplies.R550_BARE_LINE_END;
            case LINE_TOO_LONG -> SmtpReplies.R550_LINE_TOO_LONG;
            case OK, ABORTED -> SmtpReplies.R451_IO_ERROR;
        };
    }

    private CompletionStage<SmtpReply> accept(SmtpTransaction open) {
        MessageWriter writer = open.writer();
        if (writer == null || open != transaction) {
            return done(SmtpReplies.R503_BAD_SEQUENCE);
        }
        Envelope taken =
                open.envelope(writer.id(), arrival(open, services.clock().instant()));
        boolean held = services.limits().holds(account(), taken.recipients().size());
        Envelope envelope = held ? taken.held() : taken;
        String added = endpoint.isSubmission() ? missingFields(open, envelope) : "";
        MessageChecks.Inspection inspection = open.inspection;
        if (inspection == null) {
            return store(open, writer, envelope, added, "");
        }
        open.append(writer, inspection.rest());
        return inspection
                .finish(added)
                .thenComposeAsync(verdict -> judged(open, writer, envelope, added, verdict), home);
    }

    private CompletionStage<SmtpReply> judged(
            SmtpTransaction open,
            MessageWriter writer,
            Envelope envelope,
            String added,
            MessageChecks.Verdict verdict) {
        SmtpReply refusal = verdict.refusal();
        if (open != transaction) {
            // The connection was lost meanwhile, and the writer with it.
            return done(SmtpReplies.R503_BAD_SEQUENCE);
        } else if (refusal != null) {
            LOG.info(
                    "event=message-refused session={} peer={} from=<{}> reply=\"{}\"",
                    id,
                    client.peer.address(),
                    open.sender,
                    refusal);
            end();
            return done(refusal);
        }
        return switch (verdict.disposition()) {
            case DISCARD -> discard(open, writer.id());
            case HOLD -> store(open, writer, envelope.held(), verdict.fields() + added, verdict.head());
            case JUNK -> store(open, writer, envelope.toJunk(), verdict.fields() + added, verdict.head());
            case DELIVER -> store(open, writer, envelope, verdict.fields() + added, verdict.head());
        };
    }

    private CompletionStage<SmtpReply> discard(SmtpTransaction open, QueueId queueId) {
        LOG.info(
                "event=message-discarded session={} id={} peer={} from=<{}>",
                id,
                queueId,
                client.peer.address(),
                open.sender);
        end();
        progressed = true;
        return done(SmtpReply.of(250, "2.0.0", "Ok: queued as " + queueId));
    }

    private CompletionStage<SmtpReply> store(
            SmtpTransaction open, MessageWriter writer, Envelope envelope, String fields, String head) {
        QueueId queueId = writer.id();
        long octets = writer.length();
        ByteBuf trace = Unpooled.buffer(256 + fields.length() + head.length());
        ByteBufUtil.writeUtf8(trace, ReceivedField.of(envelope, services.hostname(), open.accepted()));
        ByteBufUtil.writeUtf8(trace, fields);
        if (head.isEmpty() ? open.beginsFolded() : SmtpTransaction.isFold(head.charAt(0))) {
            // Else it would go on with the last field of ours, and say what its sender likes in our name.
            trace.writeShort(CRLF);
        }
        trace.writeCharSequence(head, StandardCharsets.ISO_8859_1);
        // From here the spool has it: RSET or a lost connection must not take it back.
        transaction = null;
        progressed = true;
        return atHome(services.acceptor().accept(writer, envelope, trace, open.expanded()), (accepted, failure) -> {
            if (failure != null) {
                Throwable cause = cause(failure);
                LOG.warn("event=message-not-stored session={} id={} reason={}", id, queueId, cause.toString());
                return refusalOf(cause);
            }
            LOG.info(
                    "event=message-accepted session={} id={} peer={} from=<{}> recipients={} to={} octets={}",
                    id,
                    queueId,
                    client.peer.address(),
                    envelope.sender(),
                    envelope.recipients().size(),
                    named(envelope.recipients()),
                    octets);
            return SmtpReply.of(250, "2.0.0", "Ok: queued as " + queueId);
        });
    }

    /** As asked for, the first of many. */
    private static String named(List<Recipient> recipients) {
        StringBuilder text = new StringBuilder();
        for (Recipient recipient : recipients.subList(0, Math.min(recipients.size(), LOGGED_RECIPIENTS))) {
            Address original = recipient.original();
            text.append(text.length() == 0 ? "<" : ",<")
                    .append(original == null ? recipient.address() : original)
                    .append('>');
        }
        return text.toString();
    }

    private @Nullable String account() {
        return client.account == null ? null : client.account.mailbox().toString();
    }

    private Arrival arrival(SmtpTransaction open, Instant now) {
        Account account = client.account;
        return new Arrival(
                now,
                protocol(open),
                client.peer.address(),
                client.knownName(),
                client.hello,
                client.tls,
                account == null ? null : account.mailbox().toString());
    }

    /** RFC 3848, and RFC 6531, 4.3. */
    private String protocol(SmtpTransaction open) {
        if (!client.extended) {
            return "SMTP";
        }
        String base = (open.smtpUtf8 ? "UTF8" : "") + (endpoint.isLmtp() ? "LMTP" : open.smtpUtf8 ? "SMTP" : "ESMTP");
        return base + (client.secure ? "S" : "") + (client.account != null ? "A" : "");
    }

    /** RFC 6409, 8: a message of a user who set no date or id gets them here, and nowhere else. */
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
                    .append(services.hostname())
                    .append(">\r\n");
        }
        return fields.toString();
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

    /** Forgets the open transaction, if there is one. */
    void end() {
        if (transaction != null) {
            transaction.abort();
            transaction = null;
        }
    }

    void close() {
        closed = true;
        end();
    }

    private static CompletionStage<SmtpReply> done(SmtpReply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    /** The same stage, which completes where the session lives; a connection that was lost meanwhile leaves nothing open. */
    private <T> CompletionStage<T> here(CompletionStage<T> stage) {
        if (stage.toCompletableFuture().isDone()) {
            return stage;
        }
        return stage.whenCompleteAsync(
                (value, failure) -> {
                    if (closed) {
                        end();
                    }
                },
                home);
    }

    /** Goes on where the session lives: at once when the stage is complete, else when its thread gets to it. */
    private <T> CompletionStage<SmtpReply> atHome(
            CompletionStage<T> stage, BiFunction<@Nullable T, @Nullable Throwable, SmtpReply> next) {
        if (stage.toCompletableFuture().isDone()) {
            return stage.handle(next);
        }
        return stage.handleAsync(
                (value, failure) -> {
                    SmtpReply reply = next.apply(value, failure);
                    if (closed) {
                        end();
                    }
                    return reply;
                },
                home);
    }
}
