package org.mailserv.server.smtp;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.net.SessionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drives one {@link SmtpSession} over a channel: order, back-pressure, time-outs, and the one door out. */
final class SmtpSessionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSessionHandler.class);

    private final SmtpSession session;
    private final SmtpConfig config;
    private final SmtpServerCodec codec;
    private final SessionRegistry.Session view;

    private @Nullable Future<?> timer;
    private long started;
    private long lastInput;
    private boolean busy;
    private boolean draining;
    private boolean closing;

    SmtpSessionHandler(SmtpSession session, SmtpConfig config, SmtpServerCodec codec, SessionRegistry.Session view) {
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
        if (codec.hasBufferedInput()) {
            close(ctx, SmtpReplies.R554_EARLY_TALKER);
        } else {
            ctx.writeAndFlush(session.greeting(), ctx.voidPromise());
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        lastInput = now(ctx);
        if (closing) {
            if (message instanceof SmtpContent content) {
                content.release();
            }
        } else if (message instanceof LastSmtpContent last) {
            view.addOctets(last.content().readableBytes());
            busy = true;
            respond(ctx, session.lastContent(last));
        } else if (message instanceof SmtpContent content) {
            view.addOctets(content.content().readableBytes());
            take(ctx, content);
        } else if (message instanceof SmtpCommand command) {
            view.command(command.verb());
            if (command instanceof SmtpCommand.Data && codec.hasBufferedInput()) {
                // RFC 2920, 3.1: DATA is the last of its group. Octets behind it were sent without knowing the answer.
                LOG.debug("event=early-data session={}", view.id());
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
            stage.whenComplete((response, failure) -> write(ctx, response));
        } else {
            // The session completes it on this event loop, but not within a read: nobody else flushes.
            stage.whenComplete((response, failure) -> {
                write(ctx, response);
                ctx.flush();
            });
        }
    }

    private void write(ChannelHandlerContext ctx, SmtpResponse response) {
        busy = false;
        lastInput = now(ctx);
        view.state(session.state());
        if (response.close()) {
            close(ctx, response.reply());
        } else if (draining && !session.isInTransaction()) {
            ctx.write(response.reply(), ctx.voidPromise());
            close(ctx, SmtpReplies.R421_SHUTTING_DOWN);
        } else {
            ctx.write(response.reply(), ctx.voidPromise());
        }
    }

    /** Every close that we decide goes through here. */
    private void close(ChannelHandlerContext ctx, SmtpReply reply) {
        if (closing) {
            return;
        }
        closing = true;
        codec.closeInput();
        session.close();
        ctx.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
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
        ctx.fireChannelReadComplete();
    }

    /** One timer a session, looked at when it runs out and not touched by every command. */
    private void schedule(ChannelHandlerContext ctx, long nanos) {
        timer = ctx.executor().schedule(() -> checkTimeout(ctx), nanos, TimeUnit.NANOSECONDS);
    }

    /** By the event loop's own clock, which tests can move. */
    private static long now(ChannelHandlerContext ctx) {
        return ctx.executor().ticker().nanoTime();
    }

    private void checkTimeout(ChannelHandlerContext ctx) {
        Duration limit = session.state().equals("data") ? config.dataTimeout() : config.commandTimeout();
        long left = limit.toNanos() - (now(ctx) - lastInput);
        long sessionLeft = config.sessionTimeout().toNanos() - (now(ctx) - started);
        if (busy) {
            // The answer is ours to give: the client waits, and not we.
            schedule(ctx, limit.toNanos());
        } else if (left > 0 && sessionLeft > 0) {
            schedule(ctx, Math.min(left, sessionLeft));
        } else {
            close(ctx, SmtpReplies.R421_TIMEOUT);
        }
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
        if (cause instanceof IOException) {
            // A client that went away: nothing to mend here.
            LOG.debug("event=smtp-connection-lost session={} reason={}", view.id(), cause.toString());
            ctx.close();
        } else {
            LOG.error("event=smtp-connection-failed session={}", view.id(), cause);
            close(ctx, SmtpReplies.R421_INTERNAL);
        }
    }
}
