package org.mailserv.relay.smtp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpReplyFailure;
import org.mailserv.server.text.Failures;

/**
 * Sends commands in order, as many at once as PIPELINING allows, and passes each reply to its command. One timer watches the reply
 * that is due next. Used on the event loop only.
 */
final class CommandPipe extends ChannelInboundHandlerAdapter implements ContentWriter.Progress {
    /** Receives the pipe's events. */
    interface Listener {
        void connected();

        /** Called for a 421 or another reply that answers no command. */
        void unexpected(SmtpReply reply);

        /** Called when everything was sent and answered. */
        void drained();

        /** Called once when the connection is unusable. No other event follows. */
        void broken(ConnectionLoss loss);
    }

    /** @param what the command or other output that is answered; null for the greeting */
    private record Expected(@Nullable String what, Duration timeout, Consumer<SmtpReply> onReply, boolean last) {}

    private final Listener listener;
    private final Duration blockTimeout;
    private final Deque<Step> toSend = new ArrayDeque<>();
    private final Deque<Expected> expected = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Future<?> timer;
    private long deadline;
    private boolean pipelining;
    private boolean groupClosed;
    private boolean streaming;
    private boolean pumping;
    private boolean reading;
    private boolean wroteSinceRead;
    private boolean writeFailed;
    private boolean broken;

    CommandPipe(Listener listener, Duration blockTimeout) {
        this.listener = listener;
        this.blockTimeout = blockTimeout;
    }

    void setPipelining(boolean on) {
        pipelining = on;
    }

    /** Expects the greeting, which no command precedes. */
    void expectGreeting(Duration timeout, Consumer<SmtpReply> onReply) {
        expect(null, timeout, onReply);
    }

    /** Expects another reply to a command whose first reply was not its own. */
    void expect(@Nullable String what, Duration timeout, Consumer<SmtpReply> onReply) {
        expected.add(new Expected(what, timeout, onReply, false));
        touch();
    }

    void send(Step step) {
        toSend.add(step);
        pump();
    }

    /** Queues a step, to be sent with others by {@link #sendQueued}. */
    void enqueue(Step step) {
        toSend.add(step);
    }

    /** Sends the queued steps that may be sent now, with one flush. */
    void sendQueued() {
        pump();
    }

    /** Sends a step before all queued ones. */
    void sendNext(Step step) {
        toSend.addFirst(step);
        pump();
    }

    /** Returns whether nothing is queued, in flight or awaiting a reply. */
    boolean isDrained() {
        return toSend.isEmpty() && expected.isEmpty() && !streaming;
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Writes what may be sent. While replies are being read it waits for the last of them, because a surplus reply can be recognized
     * only as long as no later command was sent that it seems to answer.
     */
    private void pump() {
        ChannelHandlerContext context = ctx;
        if (pumping || reading || broken || context == null) {
            return;
        }
        pumping = true;
        boolean wrote = false;
        try {
            for (Step step = toSend.peek(); step != null && maySend(step) && !broken; step = toSend.peek()) {
                toSend.poll();
                if (step.wanted().getAsBoolean()) {
                    write(context, step);
                    wrote = true;
                }
            }
        } finally {
            pumping = false;
        }
        if (wrote && !broken) {
            wroteSinceRead = true;
            context.flush();
            touch();
        }
        if (isDrained() && !broken) {
            listener.drained();
        }
    }

    private boolean maySend(Step step) {
        if (streaming) {
            return false;
        } else if (step.order() == Step.Order.ATTACHED || expected.isEmpty()) {
            return true;
        }
        return pipelining
                && !groupClosed
                && step.order() != Step.Order.ALONE
                && step.order() != Step.Order.AFTER_REPLIES;
    }

    private void write(ChannelHandlerContext context, Step step) {
        boolean last = step.order() == Step.Order.LAST_IN_GROUP || step.order() == Step.Order.ALONE;
        groupClosed |= last;
        for (int i = 0; i < step.replies(); i++) {
            expected.add(new Expected(step.what(), step.timeout(), step.onReply(), last));
        }
        ContentWriter content = step.content();
        if (content != null) {
            streaming = true;
            content.start(context.channel(), this);
        } else if (step.command() != null) {
            context.write(step.command()).addListener(written -> {
                if (!written.isSuccess() && written.cause() instanceof IllegalArgumentException malformed) {
                    breakOff("a command cannot be encoded: " + Failures.text(malformed));
                }
                writeFailed |= !written.isSuccess();
            });
        }
    }

    @Override
    public void moved() {
        touch();
    }

    @Override
    public void written() {
        streaming = false;
        pump();
    }

    @Override
    public void unreadable(IOException failure) {
        breakOff("the message cannot be read: " + Failures.text(failure));
    }

    @Override
    public void withdrawn() {
        // The server is not to blame, and has not seen the end of the message.
        breakOff("another node may have taken over the message", ConnectionLoss.How.FINISHED);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        if (context.channel().isActive()) {
            channelActive(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        listener.connected();
        touch();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (broken) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof SmtpReply reply) {
            onReply(reply);
        } else if (message instanceof SmtpReplyFailure failure) {
            breakOff(failure.text() + waitingFor(), ConnectionLoss.How.CUT_OFF);
        } else {
            context.fireChannelRead(message);
        }
    }

    /**
     * Acknowledges replies at once if no data is sent. A server with Nagle's algorithm that writes replies one by one waits for the
     * acknowledgment, and the kernel would delay it by 40 ms.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        boolean read = reading;
        reading = false;
        if (read) {
            pump();
        }
        if (read && !wroteSinceRead && !broken && context.channel() instanceof EpollSocketChannel socket) {
            socket.config().setTcpQuickAck(true);
        }
        context.fireChannelReadComplete();
    }

    private void onReply(SmtpReply reply) {
        if (!reading) {
            reading = true;
            wroteSinceRead = false;
        }
        Expected due = expected.poll();
        if (due == null) {
            listener.unexpected(reply);
            return;
        }
        if (due.last()) {
            groupClosed = false;
        }
        touch();
        if (reply.form() == SmtpReply.Form.TEXT_FIRST && !expected.isEmpty()) {
            // The text may be the whole reply to this command, and the final line the reply to the next one.
            expected.addFirst(due);
            breakOff("a reply without a code" + waitingFor() + ": " + reply, ConnectionLoss.How.CUT_OFF);
            return;
        }
        due.onReply().accept(reply);
        if (reply.code() == 421) {
            serviceClosing(reply);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        breakOff(
                "the connection was lost" + waitingFor(),
                writeFailed ? ConnectionLoss.How.CUT_OFF : ConnectionLoss.How.CLOSED_BY_SERVER);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        breakOff("the connection broke" + waitingFor() + " (" + Failures.text(cause) + ")", ConnectionLoss.How.CUT_OFF);
    }

    private String waitingFor() {
        Expected due = expected.peek();
        return streaming ? " while the message was sent" : due == null ? "" : " while waiting for " + reply(due);
    }

    private static String reply(Expected due) {
        return due.what() == null ? "the greeting" : "the reply to " + due.what();
    }

    /** Closes the channel because the session is over or no longer needed. */
    void finish() {
        breakOff("closed by this side", ConnectionLoss.How.FINISHED);
    }

    /** Closes the channel after the server announced with a 421 reply that it closes it. RFC 5321, 3.8. */
    void serviceClosing(SmtpReply reply) {
        breakOff(reply.toString(), ConnectionLoss.How.SERVICE_CLOSING);
    }

    /** Closes the channel because of an error that this side has detected. */
    void breakOff(String reason) {
        breakOff(reason, ConnectionLoss.How.ABORTED);
    }

    private void breakOff(String reason, ConnectionLoss.How how) {
        if (broken) {
            return;
        }
        broken = true;
        ConnectionLoss loss = new ConnectionLoss(reason, how, expected.size());
        toSend.clear();
        expected.clear();
        if (timer != null) {
            timer.cancel(false);
        }
        ChannelHandlerContext context = ctx;
        if (context != null) {
            context.close();
        }
        listener.broken(loss);
    }

    /** Restarts the timer after progress. */
    private void touch() {
        ChannelHandlerContext context = ctx;
        if (context == null || broken) {
            return;
        }
        Duration wait = streaming
                ? blockTimeout
                : expected.isEmpty() ? null : expected.peek().timeout();
        if (wait == null) {
            deadline = Long.MAX_VALUE;
            return;
        }
        deadline = context.executor().ticker().nanoTime() + wait.toNanos();
        if (timer == null || timer.isDone()) {
            watch(context);
        } else if (timerAt - deadline > 0) {
            timer.cancel(false);
            watch(context);
        }
    }

    private long timerAt;

    private void watch(ChannelHandlerContext context) {
        long wait = deadline - context.executor().ticker().nanoTime();
        timerAt = deadline;
        timer = context.executor().schedule(() -> onTimer(context), Math.max(0, wait), TimeUnit.NANOSECONDS);
    }

    private void onTimer(ChannelHandlerContext context) {
        if (broken || deadline == Long.MAX_VALUE) {
            timer = null;
        } else if (deadline - context.executor().ticker().nanoTime() > 0) {
            watch(context);
        } else {
            breakOff("timed out" + waitingFor(), ConnectionLoss.How.CUT_OFF);
        }
    }
}
