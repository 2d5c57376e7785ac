package org.mailserv.relay.smtp;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;
import org.mailserv.codec.smtp.SmtpClientCodec;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a session: greeting, EHLO or HELO, STARTTLS and AUTH. RFC 5321, 3.1 and 3.2; RFC 3207. */
final class SessionOpener {
    private static final Logger LOG = LoggerFactory.getLogger(SessionOpener.class);

    private final Session session;
    private final CommandPipe pipe;
    private final Channel channel;
    private final Consumer<ServerCapabilities> opened;
    private final Consumer<OpenFailure> failed;
    private boolean secure;

    SessionOpener(
            Session session,
            CommandPipe pipe,
            Channel channel,
            Consumer<ServerCapabilities> opened,
            Consumer<OpenFailure> failed) {
        this.session = session;
        this.pipe = pipe;
        this.channel = channel;
        this.opened = opened;
        this.failed = failed;
    }

    /** Starts after TCP has connected. */
    void start() {
        pipe.expectGreeting(session.timeouts().greeting(), reply -> {
            if (reply.code() / 100 == 2) {
                hello();
            } else {
                failed.accept(OpenFailure.reply(reply));
            }
        });
        if (session.route().tlsFromStart()) {
            handshake(() -> {});
        }
    }

    private void hello() {
        SmtpCommand command =
                session.route().lmtp() ? new SmtpCommand.Lhlo(session.helo()) : new SmtpCommand.Ehlo(session.helo());
        ask(command, reply -> helloReply(reply, true));
    }

    private void helloReply(SmtpReply reply, boolean mayBeGreeting) {
        if (reply.code() == 220 && reply.lines().size() == 1 && mayBeGreeting) {
            // The server sent its greeting twice.
            pipe.expect("EHLO", session.timeouts().hello(), next -> helloReply(next, false));
        } else if (reply.code() / 100 == 2) {
            greeted(ServerCapabilities.of(reply).without(session.route().discardEhlo()));
        } else if (reply.isPermanent() && !session.route().lmtp()) {
            helo();
        } else {
            failed.accept(OpenFailure.reply(reply));
        }
    }

    /** Falls back to HELO for a server that rejects EHLO. RFC 5321, 3.2. */
    private void helo() {
        ask(new SmtpCommand.Helo(session.helo()), reply -> {
            if (reply.code() / 100 == 2) {
                greeted(ServerCapabilities.NONE);
            } else {
                failed.accept(OpenFailure.reply(reply));
            }
        });
    }

    private void ask(SmtpCommand command, Consumer<SmtpReply> onReply) {
        pipe.send(Step.command(command, session.timeouts().hello(), Step.Order.ALONE, onReply));
    }

    private void greeted(ServerCapabilities capabilities) {
        TlsPolicy policy = session.demand().policy();
        boolean tryTls = !secure && policy != TlsPolicy.OFF && !session.plain();
        if (tryTls && capabilities.has("STARTTLS")) {
            startTls(capabilities);
        } else if (!secure && !policy.allowsPlain()) {
            failed.accept(OpenFailure.withoutTls(
                    "TLS is required by " + session.demand().source() + ", but the server does not offer it"));
        } else {
            authenticate(capabilities);
        }
    }

    private void startTls(ServerCapabilities capabilities) {
        ask(new SmtpCommand.StartTls(), reply -> {
            if (reply.code() / 100 == 2) {
                handshake(this::hello);
            } else if (session.demand().policy().allowsPlain() && reply.code() != 421) {
                LOG.info("event=starttls-refused mta=\"{}\" reply=\"{}\"", session.mta(), reply);
                authenticate(capabilities);
            } else if (reply.isPermanent()) {
                // Defer, because the server may be able to start TLS later. RFC 7672, 2.2
                failed.accept(OpenFailure.withoutTls("TLS is required by "
                        + session.demand().source() + ", but the server refuses STARTTLS: " + reply));
            } else {
                failed.accept(OpenFailure.reply(reply));
            }
        });
    }

    private void handshake(Runnable then) {
        SmtpClientCodec codec = channel.pipeline().get(SmtpClientCodec.class);
        if (codec != null) {
            codec.discardPlaintext();
        }
        SslHandler handler = session.tls()
                .handler(
                        channel.alloc(),
                        session.host(),
                        session.address().getPort(),
                        session.demand(),
                        session.timeouts().greeting());
        channel.pipeline().addFirst("tls", handler);
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                secure = true;
                LOG.debug("event=tls mta=\"{}\" demand=\"{}\"", session.mta(), session.demand());
                then.run();
            } else if (!pipe.isBroken()) {
                handshakeFailed(done.cause());
            }
        });
    }

    private void handshakeFailed(Throwable cause) {
        String reason = TlsClients.reason(cause);
        OpenFailure.Kind kind =
                session.demand().policy().allowsPlain() ? OpenFailure.Kind.HANDSHAKE : OpenFailure.Kind.POLICY;
        LOG.info(
                "event=tls-failed mta=\"{}\" demand=\"{}\" reason=\"{}\" next={}",
                session.mta(),
                session.demand(),
                reason,
                kind == OpenFailure.Kind.HANDSHAKE ? "plain-text" : "not-delivered");
        failed.accept(OpenFailure.handshake(kind, reason, cause));
    }

    private void authenticate(ServerCapabilities capabilities) {
        Route.Login login = session.route().login();
        if (login == null) {
            opened.accept(capabilities);
            return;
        }
        ClientAuth auth = ClientAuth.choose(capabilities.words("AUTH"), login, secure);
        if (auth == null) {
            failed.accept(new OpenFailure(
                    OpenFailure.Kind.POLICY,
                    Outcome.deferred(7, 8, "the server offers no supported authentication mechanism")));
            return;
        }
        ask(auth.command(), reply -> authReply(auth, reply, capabilities));
    }

    private void authReply(ClientAuth auth, SmtpReply reply, ServerCapabilities capabilities) {
        if (reply.code() / 100 == 2) {
            opened.accept(capabilities);
        } else if (reply.code() / 100 == 3) {
            ask(auth.answer(reply.lines().get(reply.lines().size() - 1)), next -> authReply(auth, next, capabilities));
        } else {
            // Defer, because the operator can fix a wrong password.
            LOG.warn("event=login-failed mta=\"{}\" reply=\"{}\"", session.mta(), reply);
            failed.accept(
                    new OpenFailure(OpenFailure.Kind.POLICY, Outcome.deferred(7, 8, "the login failed: " + reply)));
        }
    }
}
