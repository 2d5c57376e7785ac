package org.mailserv.server.smtp;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.tls.TlsMode;
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

    private final SmtpServices services;
    private final SmtpEndpoint endpoint;
    private final SmtpClientState client;
    private final SessionContext context;
    private final MailStage mail;
    private final RcptStage rcpt;
    private final BodyStage body;
    private final SmtpAuthentication authentication;
    private int errors;
    private int idleCommands;

    /**
     * @param id for log lines
     * @param executor runs tasks on the session's thread, in order
     */
    public SmtpSession(String id, SmtpServices services, SmtpEndpoint endpoint, SmtpPeer peer, Executor executor) {
        this.services = services;
        this.endpoint = endpoint;
        this.client = new SmtpClientState(peer, endpoint.tls() == TlsMode.IMPLICIT);
        this.context = new SessionContext(id, services, endpoint, client, executor);
        this.mail = new MailStage(context);
        this.rcpt = new RcptStage(context);
        this.body = new BodyStage(context, new AcceptanceStage(context));
        this.authentication = new SmtpAuthentication(context);
    }

    /** The first reply. RFC 5321, 4.3.1. */
    public SmtpReply greeting() {
        return SmtpReply.of(220, services.hostname() + (endpoint.isLmtp() ? " LMTP mailserv" : " ESMTP mailserv"));
    }

    SessionState state() {
        return context.state();
    }

    /** Who is logged in, or null. */
    public @Nullable String account() {
        return context.account();
    }

    /**
     * The TLS handshake is over.
     *
     * @param description protocol and cipher
     */
    public void secured(String description, @Nullable ChannelBinding binding) {
        client.tls = description;
        client.binding = binding;
    }

    /** Answers a command; BDAT is answered by its last content instead, and has null here. The stage never fails. */
    public @Nullable CompletionStage<SmtpResponse> command(SmtpCommand command) {
        if (command instanceof SmtpCommand.Bdat bdat) {
            body.beginChunk(bdat);
            return null;
        }
        if (++idleCommands > services.config().maxCommands()) {
            return CompletableFuture.completedFuture(SmtpResponse.of(SmtpReplies.R421_TOO_MANY_COMMANDS));
        }
        return finish(dispatch(command));
    }

    private CompletionStage<SmtpReply> dispatch(SmtpCommand command) {
        if (command instanceof SmtpCommand.Rcpt recipient) {
            return rcpt.rcpt(recipient);
        } else if (command instanceof SmtpCommand.Mail sender) {
            return mail.mail(sender);
        } else if (command instanceof SmtpCommand.Auth auth) {
            return context.resume(authentication.begin(auth));
        } else if (command instanceof SmtpCommand.AuthResponse response) {
            return context.resume(authentication.respond(response.line()));
        }
        return CompletableFuture.completedFuture(immediate(command));
    }

    private SmtpReply immediate(SmtpCommand command) {
        if (command instanceof SmtpCommand.Data) {
            return body.data();
        } else if (command instanceof SmtpCommand.Helo helo) {
            return endpoint.isLmtp() ? SmtpReplies.R500_UNRECOGNIZED : hello(helo.domain(), false);
        } else if (command instanceof SmtpCommand.Ehlo ehlo) {
            return endpoint.isLmtp() ? SmtpReplies.R500_UNRECOGNIZED : hello(ehlo.domain(), true);
        } else if (command instanceof SmtpCommand.Lhlo lhlo) {
            return endpoint.isLmtp() ? hello(lhlo.domain(), true) : SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (command instanceof SmtpCommand.Rset) {
            context.transaction.abort();
            return SmtpReplies.R250_OK;
        } else if (command instanceof SmtpCommand.Noop) {
            return SmtpReplies.R250_OK;
        } else if (command instanceof SmtpCommand.Quit) {
            context.transaction.abort();
            return SmtpReplies.R221_BYE;
        } else if (command instanceof SmtpCommand.Malformed malformed) {
            return malformed.reply();
        } else if (command instanceof SmtpCommand.Unknown) {
            return SmtpReplies.R500_UNRECOGNIZED;
        }
        return rare(command);
    }

    private SmtpReply rare(SmtpCommand command) {
        if (command instanceof SmtpCommand.StartTls) {
            return startTls();
        } else if (command instanceof SmtpCommand.Help) {
            return SmtpExtensions.help(services, endpoint, client, context.mechanisms());
        } else if (command instanceof SmtpCommand.Vrfy) {
            return SmtpExtensions.vrfyAllowed(services.config(), client)
                    ? SmtpReplies.R252_CANNOT_VERIFY
                    : SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (command instanceof SmtpCommand.Etrn etrn) {
            return etrn(etrn.node());
        } else if (command instanceof SmtpCommand.Xclient xclient) {
            return xclient(XclientAttributes.of(xclient.attributes()));
        }
        // EXPN, LHLO to a server of SMTP, SEND, SOML, SAML, TURN: known, and not served here. RFC 5321, 4.2.4.
        return SmtpReplies.R502_NOT_IMPLEMENTED;
    }

    /** The client's address: its name is looked up while it talks. */
    public void connected(InetAddress address) {
        client.address = address;
        if (services.config().ptr() != SmtpConfig.PtrPolicy.OFF && !address.isLoopbackAddress()) {
            client.name = services.clientNames().apply(address);
        }
    }

    private SmtpReply hello(String name, boolean extended) {
        SmtpPeer peer = client.peer;
        if (peer.mayRelay() && client.address != null && !services.gateways().isTrusted(client.address, name)) {
            client.peer = new SmtpPeer(peer.address(), false, false, peer.xclient(), peer.name());
        }
        SmtpReply refusal = services.config().checkHelo() && !client.mayRelay() ? heloProblem(name) : null;
        if (refusal != null) {
            return refusal;
        }
        context.transaction.abort();
        client.hello = name;
        client.extended = extended;
        return extended
                ? SmtpExtensions.reply(services, endpoint, client, context.mechanisms())
                : SmtpReply.of(250, services.hostname());
    }

    /** A server has a name with a dot or an address literal, and not ours. RFC 5321, 4.1.1.1. */
    private @Nullable SmtpReply heloProblem(String name) {
        if (DomainNames.same(name, services.hostname())) {
            return SmtpReply.of(550, "5.7.1", "That is my name");
        }
        return name.indexOf('.') < 0 && !name.startsWith("[")
                ? SmtpReply.of(550, "5.7.1", "Your name is no host name (expected: a name with a dot, or a literal)")
                : null;
    }

    private SmtpReply startTls() {
        if (endpoint.tls() != TlsMode.STARTTLS) {
            return SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (client.secure) {
            return SmtpReplies.R503_BAD_SEQUENCE;
        }
        context.transaction.abort();
        client.forget();
        client.secure = true;
        return SmtpReplies.R220_READY_FOR_TLS;
    }

    private SmtpReply etrn(String node) {
        if (!services.config().etrn() || endpoint.kind() != SmtpEndpoint.Kind.SMTP) {
            return SmtpReplies.R502_NOT_IMPLEMENTED;
        } else if (client.hello == null) {
            return SmtpReplies.R503_HELLO_FIRST;
        } else if (context.transaction.isOpen()) {
            return SmtpReplies.R503_BAD_SEQUENCE;
        }
        services.etrn().accept(node);
        return SmtpReply.of(250, "2.0.0", "Ok, queuing for " + node + " started");
    }

    /** The session begins anew, with the client that the front names. */
    private SmtpReply xclient(XclientAttributes attributes) {
        if (!client.peer.xclient()) {
            return SmtpReply.of(550, "5.7.0", "Not authorized");
        } else if (context.transaction.isOpen()) {
            return SmtpReplies.R503_BAD_SEQUENCE;
        } else if (!attributes.understood()) {
            return SmtpReply.of(501, "5.5.4", "Bad attribute");
        }
        SmtpPeer before = client.peer;
        String address = attributes.address();
        client.forget();
        client.address = address == null ? client.address : NetUtil.createInetAddressFromIpAddressString(address);
        // A named client has the rights of a stranger: those of the front end here.
        client.peer = new SmtpPeer(
                address == null ? before.address() : address,
                address == null && before.mayRelay(),
                address == null && before.plaintextAuth(),
                true,
                attributes.name());
        LOG.info("event=xclient session={} front={} peer={}", context.id, before.address(), client.peer.address());
        return greeting();
    }

    /**
     * Takes a piece of content that is not the last.
     *
     * @param content released here
     * @return completes when more may come
     */
    public CompletionStage<Void> content(SmtpContent content) {
        return body.content(content);
    }

    /** Takes the last piece of a body or of a chunk, and answers. The stage never fails. */
    public CompletionStage<SmtpResponse> lastContent(LastSmtpContent last) {
        if (++idleCommands > services.config().maxCommands()) {
            last.release();
            context.transaction.abort();
            return CompletableFuture.completedFuture(SmtpResponse.of(SmtpReplies.R421_TOO_MANY_COMMANDS));
        }
        return finish(body.lastContent(last));
    }

    /** The connection is gone or ends: what was not acknowledged is forgotten. Any number of times. */
    public void close() {
        context.transaction.close();
    }

    /** Whether a message is being taken, so that a stop should wait for its end. */
    public boolean isInTransaction() {
        return context.transaction.isOpen();
    }

    private CompletionStage<SmtpResponse> finish(CompletionStage<SmtpReply> stage) {
        return stage.handle((reply, failure) -> {
            if (reply == null) {
                LOG.error("event=smtp-command-failed session={}", context.id, failure);
                context.transaction.abort();
                return SmtpResponse.of(SmtpReplies.R421_INTERNAL);
            }
            return counted(reply);
        });
    }

    private SmtpResponse counted(SmtpReply reply) {
        if (context.transaction.takeProgress()) {
            // What brings a message forward is no idle command: the number of recipients has a bound of its own.
            idleCommands = context.transaction.isOpen() ? idleCommands - 1 : 0;
        }
        int copies = body.takeReplies();
        if (reply.code() >= 500 && ++errors >= services.config().maxErrors()) {
            context.transaction.abort();
            return SmtpResponse.of(SmtpReplies.R421_TOO_MANY_ERRORS);
        }
        SmtpResponse response = SmtpResponse.of(reply).times(copies);
        if (reply == SmtpReplies.R220_READY_FOR_TLS) {
            return response.then(SmtpResponse.Next.START_TLS);
        }
        return reply.code() == 221 || reply == SmtpReplies.R501_PLAINTEXT_BEHIND_STARTTLS
                ? response.then(SmtpResponse.Next.CLOSE)
                : response;
    }
}
