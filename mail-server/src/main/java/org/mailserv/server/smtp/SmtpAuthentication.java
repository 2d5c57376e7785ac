package org.mailserv.server.smtp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.Login;
import org.mailserv.server.sasl.SaslExchange;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The AUTH exchange of a session. Failures are delayed and counted. The reply does not tell an unknown name from a wrong password.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4954#section-4">RFC 4954, 4</a>
 */
final class SmtpAuthentication {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpAuthentication.class);
    private static final SmtpReply TOO_MANY =
            SmtpReply.of(421, "4.7.0", "Too many failed logins, try again later, closing connection");
    private static final SmtpReply MALFORMED = SmtpReply.of(501, "5.5.2", "Cannot decode the response");
    private static final SmtpReply NO_MECHANISM = SmtpReply.of(504, "5.5.4", "Unrecognized authentication mechanism");

    private final SessionContext session;
    private final SmtpServices services;
    private final SmtpClientState client;
    private @Nullable SaslExchange exchange;
    private int failures;

    SmtpAuthentication(SessionContext session) {
        this.session = session;
        this.services = session.services;
        this.client = session.client;
    }

    CompletionStage<SmtpReply> begin(SmtpCommand.Auth auth) {
        if (!client.extended) {
            return done(SmtpReplies.R503_HELLO_FIRST);
        } else if (!session.mechanisms().contains(auth.mechanism())) {
            return done(NO_MECHANISM);
        } else if (!services.guard().mayTry(client.peer.address(), "")) {
            return done(TOO_MANY);
        }
        SaslExchange begun = services.sasl().begin(auth.mechanism(), client.binding);
        exchange = begun;
        String initial = auth.initialResponse();
        if (initial == null && !begun.serverFirst()) {
            return done(challenge(""));
        }
        return step(begun, initial == null ? null : initial.equals("=") ? "" : initial);
    }

    CompletionStage<SmtpReply> respond(String line) {
        SaslExchange running = exchange;
        if (running == null) {
            return done(SmtpReplies.R503_BAD_SEQUENCE);
        } else if (line.equals("*")) {
            exchange = null;
            return done(SmtpReplies.R501_AUTH_CANCELLED);
        }
        return step(running, line);
    }

    private static SmtpReply challenge(String base64) {
        return SmtpReply.of(334, base64);
    }

    private CompletionStage<SmtpReply> step(SaslExchange running, @Nullable String response) {
        return running.step(response)
                .handle((step, failure) -> {
                    if (step == null) {
                        exchange = null;
                        LOG.warn(
                                "event=login-unavailable session={} reason=\"{}\"", session.id, Failures.text(failure));
                        return done(SmtpReplies.R454_TEMPORARY_AUTH_FAILURE);
                    } else if (step.challenge() != null) {
                        return done(challenge(step.challenge()));
                    }
                    exchange = null;
                    if (step.syntaxError() != null) {
                        return done(MALFORMED);
                    }
                    return ended(step.login() == null ? "?" : step.login(), step.account());
                })
                .thenCompose(reply -> reply);
    }

    private CompletionStage<SmtpReply> ended(String login, @Nullable Account account) {
        String address = client.peer.address();
        // A correct password is refused too while the name is locked. Otherwise the lock would not stop a guesser.
        String restriction = account == null ? null : account.restrictions().refuses(address);
        if (account != null && restriction == null && services.guard().mayTry(address, login)) {
            client.account = account;
            services.guard().succeeded(address, login);
            services.events().loggedIn(new Login(Login.Protocol.SMTP, session.origin(), account.mailbox(), 0));
            return done(SmtpReplies.R235_AUTHENTICATED);
        }
        failures++;
        services.events()
                .loginFailed(new FailedLogin(
                        Login.Protocol.SMTP,
                        session.id,
                        address,
                        printable(login),
                        restriction == null ? "name, password or lock" : restriction));
        SmtpReply reply =
                failures >= services.config().maxFailedLogins() ? TOO_MANY : SmtpReplies.R535_CREDENTIALS_INVALID;
        return services.guard().failed(address, login).thenApply(told -> reply);
    }

    private static String printable(String name) {
        return name.replaceAll("[^\\x21-\\x7e]", "?");
    }

    private static CompletionStage<SmtpReply> done(SmtpReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
