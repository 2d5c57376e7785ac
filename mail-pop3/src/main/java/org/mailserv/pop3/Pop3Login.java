package org.mailserv.pop3;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3Command;
import org.mailserv.codec.pop3.Pop3Reply;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.event.ClientSession;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.sasl.LoginGuard;
import org.mailserv.server.sasl.Sasl;
import org.mailserv.server.sasl.SaslExchange;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AUTHORIZATION state, which ends with an open maildrop. An unknown name and a wrong password cannot be told
 * apart, neither by the reply nor by its timing.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-4">RFC 1939, 4</a>
 */
public final class Pop3Login {
    private static final Logger LOG = LoggerFactory.getLogger(Pop3Login.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pop3Response NEEDS_TLS =
            Pop3Response.of(Pop3Reply.err("AUTH", "Plaintext login requires TLS, use STLS first"));
    private static final Pop3Response REFUSED = Pop3Response.of(Pop3Reply.err("AUTH", "Login failed"));

    private final Services services;
    private final Pop3Peer peer;
    private final boolean startTls;
    private final String timestamp;

    private boolean secure;
    private @Nullable String user;
    private @Nullable MailboxName mailbox;
    private @Nullable Account account;
    private @Nullable SaslExchange exchange;
    private @Nullable ChannelBinding binding;
    private int failures;

    /** The services shared by all sessions. */
    public record Services(
            Pop3Config config,
            AccountStore accounts,
            MailboxStore mailboxes,
            LoginGuard guard,
            Sasl sasl,
            MailEvents events) {}

    /**
     * The result of a command in the AUTHORIZATION state.
     *
     * @param maildrop the opened maildrop after a successful login, otherwise null
     */
    record Outcome(Pop3Response response, @Nullable Maildrop maildrop) {}

    /**
     * @param secure whether TLS started with the connection
     * @param startTls whether STLS is offered
     */
    public Pop3Login(Services services, Pop3Peer peer, String hostname, boolean secure, boolean startTls) {
        this.services = services;
        this.peer = peer;
        this.secure = secure;
        this.startTls = startTls;
        this.timestamp = "<" + HexFormat.of().toHexDigits(RANDOM.nextLong()) + "@" + hostname + ">";
    }

    String timestamp() {
        return timestamp;
    }

    @Nullable
    String mailbox() {
        return mailbox == null ? null : mailbox.toString();
    }

    /** Returns whether the account that logged in still exists, can log in, and has the same password. */
    boolean isCurrent() {
        Account known = account;
        return known == null || services.accounts().isCurrent(known);
    }

    /** Reports the login of a session whose maildrop is open. */
    void report(String session, int messages) {
        if (mailbox != null) {
            ClientSession client = new ClientSession(session, peer.address());
            services.events().loggedIn(new Login(Login.Protocol.POP3, client, mailbox, messages));
        }
    }

    boolean startTlsOffered() {
        return startTls && !secure;
    }

    boolean plaintextAllowed() {
        return secure || peer.plaintextLogin();
    }

    List<String> mechanisms() {
        return services.sasl().names(plaintextAllowed(), binding != null);
    }

    void tlsStarted() {
        secure = true;
        binding = null;
        user = null;
        cancel();
    }

    /** Sets the binding for SASL mechanisms with channel binding, once the TLS handshake has completed. */
    void bind(@Nullable ChannelBinding channel) {
        binding = channel;
    }

    void cancel() {
        exchange = null;
    }

    CompletionStage<Outcome> handle(Pop3Command command) {
        if (command instanceof Pop3Command.User name) {
            user = name.name();
            return done(plaintextAllowed() ? Pop3Response.ok("Send PASS") : NEEDS_TLS);
        } else if (command instanceof Pop3Command.Pass pass) {
            return pass(pass.password());
        } else if (command instanceof Pop3Command.Apop apop) {
            return apop(apop);
        } else if (command instanceof Pop3Command.Auth auth) {
            return auth(auth);
        } else if (command instanceof Pop3Command.AuthResponse response) {
            return authResponse(response.line());
        } else if (command instanceof Pop3Command.Stls) {
            return done(
                    startTlsOffered()
                            ? new Pop3Response(Pop3Reply.ok("Begin TLS negotiation"), null, Pop3Response.Next.START_TLS)
                            : Pop3Response.err("STLS is not available"));
        }
        return done(Pop3Response.err("Command not valid in this state"));
    }

    /**
     * Opens the maildrop of a passwordless account. Returns null if USER has not been given or this client may not do
     * so.
     */
    @Nullable
    CompletionStage<Outcome> withoutPassword() {
        String name = user;
        if (name == null || !peer.passwordless()) {
            return null;
        }
        return services.accounts()
                .find(qualified(name))
                .thenCompose(account -> account != null
                                && account.passwordless()
                                && account.restrictions().refuses(peer.address()) == null
                        ? open(account)
                        : done(Pop3Response.err("Log in first")));
    }

    private CompletionStage<Outcome> pass(String password) {
        String name = user;
        if (name == null) {
            return done(Pop3Response.err("Send USER first"));
        }
        if (!plaintextAllowed()) {
            return done(NEEDS_TLS);
        }
        user = null;
        return guarded(
                name,
                () -> services.accounts()
                        .find(qualified(name))
                        .thenCompose(account -> account != null && account.passwordless() && peer.passwordless()
                                ? CompletableFuture.completedFuture(account)
                                : services.accounts().authenticate(qualified(name), password)));
    }

    /**
     * Verifies an APOP digest. It is computed from the plaintext password, so only accounts stored as {@code {PLAIN}}
     * can use APOP.
     */
    private CompletionStage<Outcome> apop(Pop3Command.Apop apop) {
        return guarded(
                apop.name(),
                () -> services.accounts()
                        .find(qualified(apop.name()))
                        .thenApply(account ->
                                account != null && digestFits(account.password(), apop.digest()) ? account : null));
    }

    private boolean digestFits(@Nullable String password, String digest) {
        String secret = password != null && password.startsWith("{PLAIN}") ? password.substring(7) : null;
        // The digest is computed even without a password, so that timing does not reveal which accounts have one.
        byte[] expected = md5(timestamp + (secret == null ? "" : secret));
        boolean fits = MessageDigest.isEqual(expected, HexFormat.of().parseHex(digest));
        return fits && secret != null;
    }

    private static byte[] md5(String text) {
        try {
            return MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("MD5 is missing, though every Java platform must provide it", e);
        }
    }

    private CompletionStage<Outcome> auth(Pop3Command.Auth auth) {
        String mechanism = auth.mechanism();
        if (mechanism == null) {
            return done(Pop3Response.multiline("Mechanisms follow", new TextLines(mechanisms())));
        }
        if (!mechanisms().contains(mechanism)) {
            return done(
                    services.sasl().names(true, false).contains(mechanism)
                            ? NEEDS_TLS
                            : Pop3Response.err("Unknown authentication mechanism"));
        }
        SaslExchange begun = services.sasl().begin(mechanism, binding);
        exchange = begun;
        String initial = auth.initialResponse();
        return initial == null && !begun.serverFirst()
                ? done(Pop3Response.of(Pop3Reply.challenge("")))
                : step(begun, initial == null ? null : initial.equals("=") ? "" : initial);
    }

    private CompletionStage<Outcome> authResponse(String line) {
        SaslExchange running = exchange;
        if (running == null || line.equals("*")) {
            cancel();
            return done(Pop3Response.err("Authentication cancelled"));
        }
        return step(running, line);
    }

    private CompletionStage<Outcome> step(SaslExchange running, @Nullable String response) {
        return running.step(response).thenCompose(step -> {
            if (step.challenge() != null) {
                return done(Pop3Response.of(Pop3Reply.challenge(step.challenge())));
            }
            exchange = null;
            if (step.syntaxError() != null) {
                return done(Pop3Response.err(step.syntaxError()));
            }
            return guarded(
                    step.login() == null ? "?" : step.login(), () -> CompletableFuture.completedFuture(step.account()));
        });
    }

    /** A check of credentials. */
    private interface Check {
        CompletionStage<@Nullable Account> run();
    }

    private CompletionStage<Outcome> guarded(String name, Check check) {
        if (!services.guard().mayTry(peer.address(), qualified(name))) {
            return done(Pop3Response.close(Pop3Reply.err("AUTH", "Too many failed logins, try again later")));
        }
        return check.run()
                .handle((account, failure) -> {
                    if (failure != null) {
                        LOG.warn(
                                "event=pop3-login-unavailable peer={} reason=\"{}\"",
                                peer.address(),
                                Failures.text(failure));
                        return done(Pop3Response.of(
                                Pop3Reply.err("SYS/TEMP", "Login temporarily unavailable, try again later")));
                    }
                    String restriction = account == null
                            ? "name or password"
                            : account.restrictions().refuses(peer.address());
                    return account == null || restriction != null
                            ? refused(name, String.valueOf(restriction))
                            : open(account);
                })
                .thenCompose(outcome -> outcome);
    }

    private CompletionStage<Outcome> refused(String name, String reason) {
        failures++;
        services.events()
                .loginFailed(new FailedLogin(Login.Protocol.POP3, null, peer.address(), printable(name), reason));
        Pop3Response response =
                failures >= services.config().maxFailedLogins() ? Pop3Response.close(REFUSED.reply()) : REFUSED;
        return services.guard()
                .failed(peer.address(), qualified(name))
                .thenApply(delayed -> new Outcome(response, null));
    }

    private CompletionStage<Outcome> open(Account account) {
        String name = account.mailbox().toString();
        services.guard().succeeded(peer.address(), name);
        if (!services.guard().loginDelayOver(name, services.config().loginDelay())) {
            return done(Pop3Response.of(
                    Pop3Reply.err("LOGIN-DELAY", "Too soon after the previous login, try again later")));
        }
        return services.mailboxes().open(account.mailbox()).handle((maildrop, failure) -> {
            if (failure != null) {
                return new Outcome(Pop3Response.of(openFailure(failure)), null);
            }
            mailbox = account.mailbox();
            this.account = account;
            return new Outcome(Pop3Response.ok("Maildrop has " + maildrop.size() + " messages"), maildrop);
        });
    }

    private Pop3Reply openFailure(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (failure instanceof MaildropException problem) {
            return errorReply(problem);
        } else if (cause instanceof MaildropException problem) {
            return errorReply(problem);
        }
        LOG.error("event=pop3-open-failed peer={}", peer.address(), cause);
        return Pop3Reply.err("SYS/TEMP", "Cannot open the maildrop now, try again later");
    }

    /** Returns the reply for a failure, with its response code. RFC 2449, 8; RFC 3206, 4. */
    static Pop3Reply errorReply(MaildropException problem) {
        return switch (problem.reason()) {
            case IN_USE -> Pop3Reply.err("IN-USE", "Maildrop is in use by another session");
            case TEMPORARY -> Pop3Reply.err("SYS/TEMP", "Cannot read the maildrop now, try again later");
            case PERMANENT -> Pop3Reply.err("SYS/PERM", "Cannot read the maildrop, contact the postmaster");
            case NO_SUCH_MESSAGE -> Pop3Reply.err("Message no longer exists");
        };
    }

    private String qualified(String name) {
        return name.indexOf('@') >= 0 ? name : name + "@" + services.accounts().primaryDomain();
    }

    private static String printable(String name) {
        return name.replaceAll("[^\\x21-\\x7e]", "?");
    }

    private static CompletionStage<Outcome> done(Pop3Response response) {
        return CompletableFuture.completedFuture(new Outcome(response, null));
    }
}
