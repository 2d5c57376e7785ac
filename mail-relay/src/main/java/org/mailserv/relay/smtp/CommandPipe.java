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

/**
 * Sends steps in their order, as many at once as the server lets it, and gives each reply to the step that it belongs to. One
 * clock watches the reply that is due next. On the event loop; ends once, with a reason in words.
 */
final class CommandPipe extends ChannelInboundHandlerAdapter implements ContentWriter.Progress {
    /** What the pipe tells its connection. */
    interface Listener {
        void connected();

        /** A 421 or another reply that nobody waits for. */
        void unexpected(SmtpReply reply);

        /** Everything that was written has gone and been answered. */
        void drained();

        /** The connection is of no more use; called once, and nothing comes after it. */
        void broken(Loss loss);
    }

    private record Expected(String what, Duration timeout, Consumer<SmtpReply> onReply, boolean last) {}

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

    /** Waits for a reply without sending anything: the greeting. */
    void expect(String what, Duration timeout, Consumer<SmtpReply> onReply) {
        expected.add(new Expected(what, timeout, onReply, false));
        touch();
    }

    void send(Step step) {
        toSend.add(step);
        pump();
    }

    /** Puts a step before all that waits. */
    void sendNext(Step step) {
        toSend.addFirst(step);
        pump();
    }

    /** Whether nothing is on its way and nothing is awaited. */
    boolean isDrained() {
        return toSend.isEmpty() && expected.isEmpty() && !streaming;
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Writes what may be sent. While replies are being read it waits for the last of them: a reply too many is known as such only as long
     * as nothing has been sent that it could be taken to answer.
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
                    breakOff("a command that cannot be written: " + malformed.getMessage());
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
        breakOff("the message cannot be read: " + failure.getMessage());
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
            breakOff(failure.text() + waitingFor(), Loss.How.CUT);
        } else {
            context.fireChannelRead(message);
        }
    }

    /**
     * A server that writes its replies one by one, with Nagle's algorithm, holds the next until we have acknowledged the last. Our own
     * data would carry that; where we have none to send, the kernel would wait 40 ms for some.
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
            // The text may have been the whole reply to this command, and what was read as its end the reply to the
            // next.
            expected.addFirst(due);
            breakOff("a reply without a code" + waitingFor() + ": " + reply, Loss.How.CUT);
            return;
        }
        due.onReply().accept(reply);
        if (reply.code() == 421) {
            breakOff(reply.toString());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        breakOff("the connection was lost" + waitingFor(), writeFailed ? Loss.How.CUT : Loss.How.CLOSED);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        breakOff("the connection broke" + waitingFor() + " (" + cause.getMessage() + ")", Loss.How.CUT);
    }

    private String waitingFor() {
        Expected due = expected.peek();
        return streaming ? " while the message was sent" : due == null ? "" : " while waiting for " + reply(due);
    }

    private static String reply(Expected due) {
        return due.what().equals("greeting") ? "the greeting" : "the reply to " + due.what();
    }

    /** Ends the pipe and closes the channel: this side wants it, or the server has said so. */
    void breakOff(String reason) {
        breakOff(reason, Loss.How.CLEAN);
    }

    private void breakOff(String reason, Loss.How how) {
        if (broken) {
            return;
        }
        broken = true;
        Loss loss = new Loss(reason, how, expected.size());
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

    /** Something moved: the clock of what is due next begins anew. */
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
            breakOff("timed out" + waitingFor(), Loss.How.CUT);
        }
    }
}
