package org.mailserv.server.smtp;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.check.CheckedClient;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.event.ClientSession;

/** The state and the dependencies that the stages of one session share. Confined to the session's thread. */
final class SessionContext {
    final String id;
    final SmtpServices services;
    final SmtpEndpoint endpoint;
    final SmtpClientState client;
    final CurrentTransaction transaction = new CurrentTransaction();
    private final Executor executor;

    /**
     * @param id identifies the session in log lines
     * @param executor runs tasks on the session's thread, in order; usually the event loop
     */
    SessionContext(String id, SmtpServices services, SmtpEndpoint endpoint, SmtpClientState client, Executor executor) {
        this.id = id;
        this.services = services;
        this.endpoint = endpoint;
        this.client = client;
        this.executor = executor;
    }

    SmtpConfig config() {
        return services.config();
    }

    SessionState state() {
        SmtpTransaction open = transaction.get();
        if (open == null) {
            return client.hello == null ? SessionState.CONNECTED : SessionState.READY;
        } else if (open.writer() != null) {
            return SessionState.DATA;
        }
        return open.accepted() > 0 ? SessionState.RECIPIENTS : SessionState.MAIL;
    }

    /** Returns the first reply of a session. RFC 5321, 4.3.1. */
    SmtpReply greeting() {
        return SmtpReply.of(220, services.hostname() + (endpoint.isLmtp() ? " LMTP mailserv" : " ESMTP mailserv"));
    }

    /** Returns whether VRFY is answered. */
    boolean mayVerify() {
        return config().vrfy() || config().vrfyAuthenticated() && client.account != null;
    }

    /** Returns the mailbox of the authenticated account, or null. */
    @Nullable
    String account() {
        Account account = client.account;
        return account == null ? null : account.mailbox().toString();
    }

    /** Returns the SASL mechanisms that the client may use now: none while its password would travel unencrypted. */
    List<String> mechanisms() {
        return endpoint.auth() && client.plaintextAuthAllowed()
                ? services.sasl().names(true, client.binding != null)
                : List.of();
    }

    /**
     * Returns whether the client may leave the domain out of an address. Programs on this host and clients that may relay name local users
     * by their local part, which stands for the primary domain.
     */
    boolean mayOmitDomain() {
        InetAddress address = client.address;
        return client.mayRelay() || endpoint.isLmtp() || address != null && address.isLoopbackAddress();
    }

    /** Returns the facts about a transaction that checks need. {@code queueId} is empty before the content. */
    MessageChecks.Facts facts(SmtpTransaction open, InetAddress address, String queueId, List<Address> recipients) {
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
                open.forwarder());
    }

    /** Returns the client as the checks before the content see it. */
    CheckedClient checkedClient() {
        return new CheckedClient(
                id,
                client.peer.address(),
                client.address,
                client.mayRelay(),
                endpoint.isLmtp(),
                account(),
                client.peer.name(),
                client.name);
    }

    /** Returns the session and its client as events name them. */
    ClientSession origin() {
        return new ClientSession(id, client.peer.address());
    }

    static CompletionStage<SmtpReply> done(SmtpReply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    /**
     * Returns a stage that completes as {@code stage} does, on the session's thread. It discards what a connection left open that was lost
     * in the meantime.
     */
    <T> CompletionStage<T> resume(CompletionStage<T> stage) {
        if (stage.toCompletableFuture().isDone()) {
            return stage;
        }
        return stage.whenCompleteAsync((value, failure) -> discardIfClosed(), executor);
    }

    /** Applies {@code next} to the outcome of {@code stage}: at once when it is complete, else on the session's thread. */
    <T> CompletionStage<SmtpReply> resume(
            CompletionStage<T> stage, BiFunction<@Nullable T, @Nullable Throwable, SmtpReply> next) {
        if (stage.toCompletableFuture().isDone()) {
            return stage.handle(next);
        }
        return stage.handleAsync(
                (value, failure) -> {
                    SmtpReply reply = next.apply(value, failure);
                    discardIfClosed();
                    return reply;
                },
                executor);
    }

    /** Runs tasks on the session's thread, in order. */
    Executor executor() {
        return executor;
    }

    private void discardIfClosed() {
        if (transaction.isClosed()) {
            transaction.abort();
        }
    }
}
