package org.mailserv.server.smtp;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.line.EndOfInput;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpReplySequence;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.net.SessionPhase;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects an {@link SmtpSession} to its channel: order of replies, back-pressure, timeouts, TLS and closing. */
final class SmtpSessionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSessionHandler.class);

    private final SmtpSession session;
    private final SmtpConfig config;
    private final SmtpServerCodec codec;
    private final SessionRegistry.Session view;

    private final @Nullable ServerTls tls;
    private @Nullable Future<?> timer;
    private long started;
    private long lastInput;
    private long bodyStarted;
    private long bodyOctets;
    private boolean bodyOpen;
    private boolean greetingDue;
    private boolean busy;
    private boolean draining;
    private boolean closing;

    /** @param tls for STARTTLS, or null for a listener without TLS */
    SmtpSessionHandler(
            SmtpSession session,
            SmtpConfig config,
            SmtpServerCodec codec,
            SessionRegistry.Session view,
            @Nullable ServerTls tls) {
        this.tls = tls;
        this.session = session;
        this.config = config;
        this.codec = codec;
        this.view = view;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        started = now(ctx);
        lastInput = started;
        schedule(ctx, config.commandTimeout().toNanos());
        if (ctx.pipeline().get("tls") != null) {
            // Implicit TLS: the greeting is sent after the handshake.
            greetingDue = true;
        } else if (config.greetPause().isZero()) {
            greet(ctx);
        } else {
            ctx.executor().schedule(() -> greet(ctx), config.greetPause().toNanos(), TimeUnit.NANOSECONDS);
        }
        ctx.fireChannelActive();
    }

    private void greet(ChannelHandlerContext ctx) {
        if (closing || !ctx.channel().isActive()) {
            return;
        } else if (codec.hasBufferedInput()) {
            LOG.info("event=early-talker session={}", view.id());
            close(ctx, SmtpReplies.R554_EARLY_TALKER);
        } else {
            ctx.writeAndFlush(session.greeting(), ctx.voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        lastInput = now(ctx);
        if (closing) {
            if (message instanceof SmtpContent content) {
                content.release();
            }
        } else if (message instanceof LastSmtpContent last) {
            busy = true;
            bodyOpen = false;
            respond(ctx, session.lastContent(last));
        } else if (message instanceof SmtpContent content) {
            take(ctx, content);
        } else if (message instanceof SmtpCommand command) {
            view.command(command.verb());
            if (command instanceof SmtpCommand.Data && codec.hasBufferedInput()) {
                // RFC 2920, 3.1: DATA is the last command of its group. Only bots send content before the reply to it.
                LOG.info("event=early-talker session={} command=DATA", view.id());
                close(ctx, SmtpReplies.R554_EARLY_TALKER);
                return;
            }
            if (command instanceof SmtpCommand.Data || command instanceof SmtpCommand.Bdat) {
                bodyStarted = lastInput;
                bodyOctets = 0;
            }
            CompletionStage<SmtpResponse> response = session.command(command);
            if (response != null) {
                busy = true;
                respond(ctx, response);
            }
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void take(ChannelHandlerContext ctx, SmtpContent content) {
        bodyOpen = true;
        bodyOctets += content.content().readableBytes();
        CompletionStage<Void> room = session.content(content);
        if (!room.toCompletableFuture().isDone()) {
            codec.pause(true);
            room.whenComplete((ok, failure) -> ctx.executor().execute(() -> {
                lastInput = now(ctx);
                codec.pause(false);
            }));
        }
    }

    private void respond(ChannelHandlerContext ctx, CompletionStage<SmtpResponse> stage) {
        if (stage.toCompletableFuture().isDone()) {
            stage.whenComplete((response, failure) -> write(ctx, response, failure));
        } else {
            // The session completes it on this event loop, but outside of a read, so no read flushes it.
            stage.whenComplete((response, failure) -> {
                write(ctx, response, failure);
                ctx.flush();
            });
        }
    }

    /** Replies also after an internal error, so that the client does not wait forever. */
    private void write(ChannelHandlerContext ctx, @Nullable SmtpResponse response, @Nullable Throwable failure) {
        if (response == null) {
            LOG.error("event=smtp-session-failed session={}", view.id(), failure);
            busy = false;
            close(ctx, SmtpReplies.R421_INTERNAL);
        } else {
            write(ctx, response);
        }
    }

    private void write(ChannelHandlerContext ctx, SmtpResponse response) {
        busy = false;
        lastInput = now(ctx);
        view.state(session.state());
        if (response.close()) {
            close(ctx, response.reply());
        } else if (draining && !session.isInTransaction()) {
            say(ctx, response);
            close(ctx, SmtpReplies.R421_SHUTTING_DOWN);
        } else if (response.next() == SmtpResponse.Next.START_TLS) {
            startTls(ctx, response.reply());
        } else {
            say(ctx, response);
        }
    }

    private static void say(ChannelHandlerContext ctx, SmtpResponse response) {
        SmtpReplySequence several = response.sequence();
        ctx.write(several == null ? response.reply() : several, ctx.voidPromise());
    }

    /** Sends the last reply in plain text, discards buffered input, and starts TLS. RFC 3207, 4. */
    private void startTls(ChannelHandlerContext ctx, SmtpReply ready) {
        if (tls == null) {
            ctx.write(SmtpReplies.R454_TLS_NOT_AVAILABLE, ctx.voidPromise());
            return;
        }
        codec.discardPlaintext();
        ctx.writeAndFlush(ready);
        ctx.pipeline().addFirst("tls", tls.newHandler(ctx.alloc()));
    }

    private void secured(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
        SslHandler handler = ctx.pipeline().get(SslHandler.class);
        if (event.isSuccess() && handler != null) {
            SSLSession tlsSession = handler.engine().getSession();
            view.state(SessionPhase.Common.TLS);
            session.secured(
                    tlsSession.getProtocol() + " " + tlsSession.getCipherSuite(),
                    ChannelBinding.ofServer(tlsSession.getLocalCertificates()));
            if (greetingDue) {
                greetingDue = false;
                greet(ctx);
            }
        }
    }

    /** Closes the connection after a last reply. Every close by the server goes through this method. */
    private void close(ChannelHandlerContext ctx, SmtpReply reply) {
        if (closing) {
            return;
        }
        closing = true;
        codec.closeInput();
        session.close();
        ctx.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Closes the connection of a client that has closed its side and has received all replies. An incomplete body is discarded; it was
     * not acknowledged.
     */
    private void endOfInput(ChannelHandlerContext ctx) {
        if (closing) {
            return;
        }
        closing = true;
        LOG.debug(
                "event=smtp-client-closed session={} state={}",
                view.id(),
                session.state().label());
        codec.closeInput();
        session.close();
        // Close after the replies that are written and not sent yet.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            secured(ctx, handshake);
        } else if (event instanceof EndOfInput) {
            endOfInput(ctx);
        } else if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
            codec.inputEnded();
        } else if (event instanceof ChannelInputShutdownEvent && greetingDue) {
            // No handshake can follow.
            ctx.close();
        }
        if (event instanceof DrainEvent) {
            draining = true;
            if (!busy && !session.isInTransaction()) {
                close(ctx, SmtpReplies.R421_SHUTTING_DOWN);
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        if (bodyOpen && ctx.channel() instanceof EpollSocketChannel socket) {
            // A client that writes the end of its message separately, with Nagle's algorithm, holds it until the rest
            // is
            // acknowledged. The kernel would delay that acknowledgement by 40 ms.
            socket.config().setTcpQuickAck(true);
        }
        ctx.fireChannelReadComplete();
    }

    /** Schedules the only timer of the session. It is checked when it expires, so commands need not reset it. */
    private void schedule(ChannelHandlerContext ctx, long nanos) {
        timer = ctx.executor().schedule(() -> checkTimeout(ctx), nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns the time of the event loop's clock, which tests can advance. */
    private static long now(ChannelHandlerContext ctx) {
        return ctx.executor().ticker().nanoTime();
    }

    private void checkTimeout(ChannelHandlerContext ctx) {
        if (closing) {
            // The client does not read the last reply.
            ctx.close();
            return;
        }
        Duration limit = session.state() == SessionState.DATA ? config.dataTimeout() : config.commandTimeout();
        long left = isTooSlow(ctx) ? 0 : limit.toNanos() - (now(ctx) - lastInput);
        long sessionLeft = config.sessionTimeout().toNanos() - (now(ctx) - started);
        if (busy) {
            // The server owes a reply, so the client is not late.
            schedule(ctx, limit.toNanos());
        } else if (left > 0 && sessionLeft > 0) {
            schedule(ctx, Math.min(left, sessionLeft));
        } else {
            close(ctx, SmtpReplies.R421_TIMEOUT);
            schedule(ctx, limit.toNanos());
        }
    }

    /** Returns whether the body arrives below the minimum rate. A trickle holds a connection and memory as long as a stalled body does. */
    private boolean isTooSlow(ChannelHandlerContext ctx) {
        long elapsed = now(ctx) - bodyStarted;
        return session.state() == SessionState.DATA
                && elapsed >= config.dataTimeout().toNanos()
                && bodyOctets < config.minBodyRate() * TimeUnit.NANOSECONDS.toSeconds(elapsed);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    private void release() {
        if (timer != null) {
            timer.cancel(false);
        }
        session.close();
        view.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
            LOG.info("event=tls-failed session={} reason=\"{}\"", view.id(), Failures.text(cause.getCause()));
            ctx.close();
        } else if (cause instanceof IOException) {
            // The client went away. The operator need not act.
            LOG.debug("event=smtp-connection-lost session={} reason=\"{}\"", view.id(), Failures.text(cause));
            ctx.close();
        } else {
            LOG.error("event=smtp-connection-failed session={}", view.id(), cause);
            close(ctx, SmtpReplies.R421_INTERNAL);
        }
    }
}
