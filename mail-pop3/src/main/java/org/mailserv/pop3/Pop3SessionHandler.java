package org.mailserv.pop3;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.line.EndOfInput;
import org.mailserv.codec.pop3.Pop3Command;
import org.mailserv.codec.pop3.Pop3Reply;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drives one {@link Pop3Session} over a channel: command order, back-pressure, timeouts and the switch to TLS. */
final class Pop3SessionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Pop3SessionHandler.class);

    private final Pop3Session session;
    private final Pop3Config config;
    private final Executor disk;
    private final Consumer<Channel> tlsStarter;
    private final Consumer<Pop3Command> observer;
    private final ArrayDeque<Pop3Command> waiting = new ArrayDeque<>(2);

    private boolean greetingDue;
    private boolean busy;
    private boolean closing;
    private boolean inputEnded;
    private boolean secure;
    private @Nullable BodyWriter body;
    private @Nullable Future<?> timer;
    private long lastProgress;

    /**
     * @param disk bounded executor that reads message files
     * @param tlsStarter inserts the TLS handler at the front of the pipeline
     * @param observer receives each command, for the list of open sessions
     */
    Pop3SessionHandler(
            Pop3Session session,
            Pop3Config config,
            Executor disk,
            boolean secure,
            Consumer<Channel> tlsStarter,
            Consumer<Pop3Command> observer) {
        this.session = session;
        this.config = config;
        this.disk = disk;
        this.secure = secure;
        this.tlsStarter = tlsStarter;
        this.observer = observer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        lastProgress = System.nanoTime();
        schedule(ctx, config.idleTimeout().toNanos());
        if (ctx.pipeline().get("tls") == null) {
            ctx.writeAndFlush(session.greeting(), ctx.voidPromise());
        } else {
            // With implicit TLS, the greeting follows the handshake.
            greetingDue = true;
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Pop3Command command) {
            lastProgress = System.nanoTime();
            waiting.add(command);
            next(ctx);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void next(ChannelHandlerContext ctx) {
        if (busy || closing) {
            return;
        }
        Pop3Command command = waiting.poll();
        if (command == null) {
            if (inputEnded) {
                closeAfterInput(ctx);
            }
            return;
        }
        busy = true;
        observer.accept(command);
        CompletionStage<Pop3Response> stage = session.handle(command);
        if (stage.toCompletableFuture().isDone()) {
            stage.whenComplete((response, failure) -> respond(ctx, response, failure));
        } else {
            // This does not run within a channel read, so nothing else flushes.
            stage.whenComplete((response, failure) -> ctx.executor().execute(() -> {
                respond(ctx, response, failure);
                ctx.flush();
            }));
        }
    }

    /** Sends the response, or an error reply if the session failed. A client is never left without an answer. */
    private void respond(ChannelHandlerContext ctx, @Nullable Pop3Response response, @Nullable Throwable failure) {
        if (response == null) {
            LOG.error("event=pop3-session-failed mailbox={}", session.mailbox(), failure);
            respond(ctx, Pop3Response.close(Pop3Reply.err("SYS/TEMP", "Internal error, closing")));
        } else {
            respond(ctx, response);
        }
    }

    private void respond(ChannelHandlerContext ctx, Pop3Response response) {
        if (!ctx.channel().isActive()) {
            if (response.body() instanceof Pop3Body.Message message) {
                message.message().close();
            }
            session.close();
            return;
        }
        lastProgress = System.nanoTime();
        Pop3Body following = response.body();
        if (response.next() != Pop3Response.Next.COMMAND) {
            end(ctx, response);
            return;
        }
        // The codec decodes the next command as soon as a reply is complete. That command must wait its turn.
        if (following == null) {
            busy = false;
            ctx.write(response.reply(), ctx.voidPromise());
            next(ctx);
        } else {
            ctx.write(response.reply(), ctx.voidPromise());
            BodyWriter writer = writerOf(following, ctx);
            body = writer;
            writer.proceed();
        }
    }

    private BodyWriter writerOf(Pop3Body body, ChannelHandlerContext ctx) {
        Runnable finished = () -> bodyWritten(ctx);
        return body instanceof Pop3Body.Message message
                ? new MessageBodyWriter(message, ctx, disk, !secure, finished)
                : new LinesWriter((Pop3Body.Lines) body, ctx, finished);
    }

    private void bodyWritten(ChannelHandlerContext ctx) {
        body = null;
        busy = false;
        next(ctx);
        // This may run outside a channel read, where nothing else flushes.
        ctx.flush();
    }

    /**
     * Closes the connection once a client that has shut down its output has received all replies. Without QUIT,
     * nothing is deleted. RFC 1939, 6.
     */
    private void closeAfterInput(ChannelHandlerContext ctx) {
        closing = true;
        session.close();
        // Closes after the replies that have been written but not yet flushed.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(ChannelHandlerContext ctx, Pop3Response response) {
        closing = true;
        if (response.next() == Pop3Response.Next.START_TLS) {
            closing = false;
            busy = false;
            // RFC 2595, 4: plaintext commands sent along with STLS must not be treated as protected. The codec
            // discards those it has not decoded yet; those already decoded are discarded here.
            waiting.clear();
            ctx.writeAndFlush(response.reply());
            tlsStarter.accept(ctx.channel());
            secure = true;
            session.tlsStarted();
            return;
        }
        ChannelFuture written = ctx.writeAndFlush(response.reply());
        session.close();
        written.addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        lastProgress = System.nanoTime();
        BodyWriter writer = body;
        if (writer != null && ctx.channel().isWritable()) {
            writer.proceed();
            ctx.flush();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess() && tls != null) {
            session.bind(ChannelBinding.ofServer(tls.engine().getSession().getLocalCertificates()));
            if (greetingDue) {
                greetingDue = false;
                ctx.writeAndFlush(session.greeting(), ctx.voidPromise());
            }
        }
        if (event instanceof EndOfInput) {
            inputEnded = true;
            next(ctx);
        } else if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
            Pop3ServerCodec codec = ctx.pipeline().get(Pop3ServerCodec.class);
            if (codec != null) {
                codec.inputEnded();
            }
        } else if (event instanceof ChannelInputShutdownEvent && greetingDue) {
            // The handshake can no longer take place.
            ctx.close();
        }
        if (event instanceof DrainEvent && !busy && !closing) {
            // The session ends without UPDATE: marked messages are kept, and the client can retry.
            closing = true;
            session.close();
            ctx.writeAndFlush(Pop3Reply.err("SYS/TEMP", "Server is shutting down, try again later"))
                    .addListener(ChannelFutureListener.CLOSE);
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Schedules the idle check. Commands do not reschedule the timer; it is re-evaluated when it expires. */
    private void schedule(ChannelHandlerContext ctx, long nanos) {
        timer = ctx.executor().schedule(() -> checkIdle(ctx), nanos, TimeUnit.NANOSECONDS);
    }

    private void checkIdle(ChannelHandlerContext ctx) {
        long limit = (body == null ? config.idleTimeout() : config.writeTimeout()).toNanos();
        long left = limit - (System.nanoTime() - lastProgress);
        if (left > 0) {
            schedule(ctx, left);
        } else if (closing) {
            // The client does not read its last reply.
            ctx.close();
        } else if (body != null) {
            LOG.info("event=pop3-write-timeout mailbox={}", session.mailbox());
            ctx.close();
        } else if (busy) {
            schedule(ctx, limit);
        } else {
            // RFC 1939, 3: the autologout timer closes the session without UPDATE.
            closing = true;
            session.close();
            ctx.writeAndFlush(Pop3Reply.err("SYS/TEMP", "Idle timeout, closing connection"))
                    .addListener(ChannelFutureListener.CLOSE);
            schedule(ctx, config.writeTimeout().toNanos());
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
        if (body != null) {
            body.stop();
            body = null;
        }
        waiting.clear();
        session.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            // The client disconnected, which needs no action.
            LOG.debug("event=pop3-connection-lost reason=\"{}\"", Failures.text(cause));
        } else {
            LOG.warn("event=pop3-connection-failed reason=\"{}\"", Failures.text(cause));
        }
        ctx.close();
    }
}
