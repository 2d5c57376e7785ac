package org.mailserv.server.smtp;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.PtrPolicy;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.tls.TlsMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of a receiving session: takes commands and content, and returns replies. It does not know the channel. Confined to
 * one thread; the executor brings the results of services back to it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4">RFC 5321, 4.1.4</a>
 */
public final class SmtpSession {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);

    private final SmtpConfig config;
    private final SmtpClientState client;
    private final SessionContext context;
    private final BodyStage body;
    private final SessionStages stages;
    private int errors;
    private int idleCommands;

    /**
     * @param id identifies the session in log lines
     * @param executor runs tasks on the session's thread, in order
     */
    public SmtpSession(String id, SmtpServices services, SmtpEndpoint endpoint, SmtpPeer peer, Executor executor) {
        config = services.config();
        client = new SmtpClientState(peer, endpoint.tls() == TlsMode.IMPLICIT);
        context = new SessionContext(id, services, endpoint, client, executor);
        body = new BodyStage(context, new AcceptanceStage(context));
        stages = new SessionStages(
                context,
                new HelloStage(context, SmtpExtensions.ALL),
                new SmtpAuthentication(context),
                new MailStage(context, SmtpExtensions.MAIL_PARAMETERS),
                new RcptStage(context, SmtpExtensions.RCPT_PARAMETERS),
                body);
    }

    /** Returns the first reply. RFC 5321, 4.3.1. */
    public SmtpReply greeting() {
        return context.greeting();
    }

    SessionState state() {
        return context.state();
    }

    /** Records the client's address, and starts the lookup of its name. */
    public void connected(InetAddress address) {
        client.address = address;
        if (config.ptr() != PtrPolicy.OFF && !address.isLoopbackAddress()) {
            client.name = context.services.clientNames().apply(address);
        }
    }

    /**
     * Records that the TLS handshake is complete.
     *
     * @param description protocol and cipher suite
     */
    public void secured(String description, @Nullable ChannelBinding binding) {
        client.tls = description;
        client.binding = binding;
    }

    /**
     * Executes a command.
     *
     * @return the reply, in a stage that never fails; null for BDAT, whose reply {@link #lastContent} returns
     */
    public @Nullable CompletionStage<SmtpResponse> command(SmtpCommand command) {
        SmtpVerb<?> verb = SmtpExtensions.COMMANDS.verbOf(command);
        SmtpReply refusal = verb.refusal(context, command);
        boolean contentFollows = command instanceof SmtpCommand.Bdat;
        if (contentFollows && refusal != null) {
            body.refuseChunk(refusal);
            return null;
        } else if (!contentFollows && ++idleCommands > config.maxCommands()) {
            return CompletableFuture.completedFuture(SmtpResponse.of(SmtpReplies.R421_TOO_MANY_COMMANDS));
        }
        CompletionStage<SmtpReply> reply =
                refusal == null ? verb.handle(stages, command) : SessionContext.done(refusal);
        return reply == null ? null : finish(reply);
    }

    /**
     * Takes a piece of content that is not the last.
     *
     * @param content released by this call
     * @return completes when more may be sent
     */
    public CompletionStage<Void> content(SmtpContent content) {
        return body.content(content);
    }

    /**
     * Takes the last piece of a body or of a chunk.
     *
     * @param last released by this call
     * @return the reply, in a stage that never fails
     */
    public CompletionStage<SmtpResponse> lastContent(LastSmtpContent last) {
        if (++idleCommands > config.maxCommands()) {
            last.release();
            context.transaction.abort();
            return CompletableFuture.completedFuture(SmtpResponse.of(SmtpReplies.R421_TOO_MANY_COMMANDS));
        }
        return finish(body.lastContent(last));
    }

    /** Discards what was not acknowledged: the connection is closed or about to be. Idempotent. */
    public void close() {
        context.transaction.close();
    }

    /** Returns whether a mail transaction is open, so that a graceful stop waits for its end. */
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
            // A command that brings a message forward is not idle. The number of recipients has its own limit.
            idleCommands = isInTransaction() ? idleCommands - 1 : 0;
        }
        int copies = body.takeReplies();
        if (reply.code() >= 500 && ++errors >= config.maxErrors()) {
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
