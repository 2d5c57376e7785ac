package org.mailserv.server.check.milter;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.milter.MilterAnswer.Change;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversation with one filter about one message, with one command in flight at a time. Commands that are submitted before the connection
 * is open wait; {@link #ready} tells when too many wait. All methods may be called from any thread; the work is done on the channel's thread.
 *
 * <p>Every action that a filter requests is performed, or the session fails. An action that cannot be performed was not offered to the filter;
 * a message whose filter requests it all the same is treated as one that could not be filtered.
 */
final class MilterSession {
    private static final Logger LOG = LoggerFactory.getLogger(MilterSession.class);
    private static final String HANDLER = "milter";
    private static final int MAX_CHANGES = 1000;

    private final MilterConfig config;
    private final CompletableFuture<MilterAnswer> answer = new CompletableFuture<>();
    private final List<Change> changes = new ArrayList<>();

    private final MilterQueue queue = new MilterQueue();

    // Guarded by this.
    private @Nullable Channel channel;
    private boolean pumpScheduled;

    // The channel's thread only.
    private MilterQueue.@Nullable Entry pending;
    private @Nullable ScheduledFuture<?> timer;
    private int options;
    private boolean negotiated;
    private final Set<MilterCommand> skipped = EnumSet.noneOf(MilterCommand.class);
    private @Nullable String quarantine;

    MilterSession(MilterConfig config) {
        this.config = config;
    }

    /** Returns the filter's verdict on the message. The stage fails with a {@link MilterException} when there is none. */
    CompletionStage<MilterAnswer> answer() {
        return answer;
    }

    /** Returns whether the connection may be used for another message. */
    boolean isReusable() {
        Channel open = channel();
        return answer.isDone() && !answer.isCompletedExceptionally() && open != null && open.isActive();
    }

    /** Returns the connection, or null before it is open. */
    synchronized @Nullable Channel channel() {
        return channel;
    }

    /** Takes over an open channel, and negotiates options. */
    void attach(Channel open) {
        synchronized (this) {
            channel = open;
        }
        open.eventLoop().execute(() -> {
            if (answer.isDone()) {
                open.close();
                return;
            }
            open.pipeline().addLast(HANDLER, new Handler());
            send(open, new MilterQueue.Entry(MilterCommand.NEGOTIATE, MilterCodec.options(), null, null));
        });
    }

    /** Returns whether a session uses the channel now. */
    static boolean isAttachedTo(Channel channel) {
        return channel.pipeline().get(HANDLER) != null;
    }

    /**
     * Submits a command. It is dropped when the filter has already decided on the message.
     *
     * @param macros the macros to send before the command, or null
     */
    void submit(MilterCommand command, byte[] data, @Nullable Map<String, String> macros) {
        submit(new MilterQueue.Entry(command, data, macros, null));
    }

    /**
     * Submits a recipient, which the filter may refuse without refusing the message.
     *
     * @return the filter's verdict on the recipient, or the one on the message if it comes first; fails as {@link #answer} does
     */
    CompletionStage<MilterAnswer> submitRecipient(byte[] recipient, Map<String, String> macros) {
        CompletableFuture<MilterAnswer> verdict = new CompletableFuture<>();
        answer.whenComplete((whole, failure) -> {
            if (failure != null) {
                verdict.completeExceptionally(failure);
            } else {
                verdict.complete(whole);
            }
        });
        submit(new MilterQueue.Entry(MilterCommand.RECIPIENT, recipient, macros, verdict));
        return verdict;
    }

    private void submit(MilterQueue.Entry submission) {
        if (answer.isDone()) {
            return;
        }
        queue.add(submission);
        schedulePump();
    }

    /** Returns a stage that completes when more commands may be submitted. */
    CompletionStage<Void> ready() {
        return answer.isDone() ? CompletableFuture.completedFuture(null) : queue.ready();
    }

    private void schedulePump() {
        Channel open;
        synchronized (this) {
            open = channel;
            if (open == null || pumpScheduled) {
                return;
            }
            pumpScheduled = true;
        }
        open.eventLoop().execute(() -> {
            synchronized (this) {
                pumpScheduled = false;
            }
            pump();
        });
    }

    /** Ends the session without a verdict, and closes the connection. */
    void fail(String reason) {
        if (answer.completeExceptionally(new MilterException(reason))) {
            queue.clear();
            Channel open = channel();
            if (open != null) {
                open.close();
            }
        }
    }

    private void end(MilterAnswer result) {
        stopTimer();
        Channel open = channel();
        if (open != null && isAttachedTo(open)) {
            open.pipeline().remove(HANDLER);
        }
        if (answer.complete(result)) {
            queue.clear();
        }
    }

    /** Sends commands until one of them waits for a response. */
    private void pump() {
        Channel open = channel();
        while (open != null && negotiated && pending == null && !answer.isDone()) {
            MilterQueue.Entry next = queue.poll();
            if (next == null) {
                return;
            }
            if (next.command().isWanted(options) && !skipped.contains(next.command())) {
                send(open, next);
            } else {
                next.pass();
            }
        }
    }

    private void send(Channel open, MilterQueue.Entry submission) {
        MilterCommand command = submission.command();
        if (submission.macros() != null) {
            open.write(MilterCodec.encodeMacros(command, submission.macros()));
        }
        open.writeAndFlush(MilterCodec.encode(command, submission.data()));
        if (command.isAnswered(options)) {
            pending = submission;
            startTimer(open, timeout(command));
        } else {
            submission.pass();
        }
    }

    private Duration timeout(MilterCommand command) {
        return switch (command) {
            case NEGOTIATE -> config.connectTimeout();
            case END_OF_BODY -> config.endTimeout();
            default -> config.commandTimeout();
        };
    }

    private void startTimer(Channel open, Duration time) {
        stopTimer();
        timer = open.eventLoop()
                .schedule(
                        () -> fail("no answer within " + time.toMillis() + " ms"),
                        time.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf packet) {
            if (answer.isDone()) {
                return;
            }
            MilterResponse response = MilterCodec.decode(packet);
            MilterQueue.Entry asked = pending;
            if (response instanceof MilterResponse.Malformed malformed) {
                fail(malformed.problem());
            } else if (asked == null) {
                fail("response without a command");
            } else if (asked.command() == MilterCommand.NEGOTIATE) {
                negotiated(response);
            } else {
                respond(context.channel(), asked, response);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail("connection closed");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(Failures.text(cause));
        }
    }

    private void negotiated(MilterResponse response) {
        if (!(response instanceof MilterResponse.Options agreed)) {
            fail("option negotiation failed");
            return;
        }
        if ((agreed.actions() & ~MilterCodec.ACTIONS) != 0) {
            // Some filters announce every action they may ever request. The session fails if one is requested.
            LOG.debug(
                    "event=milter-actions address={} wanted={} done={}",
                    config.address(),
                    agreed.actions(),
                    MilterCodec.ACTIONS);
        }
        if (agreed.version() < 2) {
            fail("unsupported protocol version " + agreed.version());
            return;
        }
        options = agreed.options();
        pending = null;
        stopTimer();
        negotiated = true;
        pump();
    }

    private void respond(Channel open, MilterQueue.Entry asked, MilterResponse response) {
        if (response instanceof MilterResponse.Progress) {
            startTimer(open, timeout(asked.command()));
        } else if (response instanceof MilterResponse.ChangeHeader header) {
            change(header.change());
        } else if (response instanceof MilterResponse.Quarantine hold) {
            quarantine = hold.reason();
        } else if (response instanceof MilterResponse.NotOffered wanted) {
            fail("the filter requested an action that was not offered to it: " + wanted.action());
        } else if (response instanceof MilterResponse.Refuse refuse) {
            refuse(asked, refuse.reply());
        } else {
            decide(asked, response);
        }
    }

    private void change(Change change) {
        if (changes.size() >= MAX_CHANGES) {
            fail("more than " + MAX_CHANGES + " changes of the header");
        } else {
            changes.add(change);
        }
    }

    /** Refuses the recipient or the message. A 421 concerns the message in any case, because it closes the connection. */
    private void refuse(MilterQueue.Entry asked, SmtpReply reply) {
        if (asked.verdict() != null && reply.code() != 421) {
            asked.verdict().complete(MilterAnswer.refused(reply));
            proceed(asked);
        } else {
            end(MilterAnswer.refused(reply));
        }
    }

    private void decide(MilterQueue.Entry asked, MilterResponse response) {
        boolean atEnd = asked.command() == MilterCommand.END_OF_BODY;
        if (response instanceof MilterResponse.Discard) {
            end(new MilterAnswer(null, true, null, List.of()));
        } else if (response instanceof MilterResponse.Accept || atEnd && response instanceof MilterResponse.Continue) {
            end(new MilterAnswer(null, false, quarantine, List.copyOf(changes)));
        } else if (response instanceof MilterResponse.Continue) {
            proceed(asked);
        } else if (response instanceof MilterResponse.Skip && (options & MilterCodec.SKIP) != 0) {
            skipped.add(asked.command());
            proceed(asked);
        } else {
            fail("unexpected response to " + asked.command() + ": " + describe(response));
        }
    }

    private static String describe(MilterResponse response) {
        if (response instanceof MilterResponse.Unknown unknown) {
            return String.valueOf(unknown.code() > ' ' && unknown.code() < 127 ? unknown.code() : '?');
        }
        return response.getClass().getSimpleName();
    }

    private void proceed(MilterQueue.Entry decided) {
        pending = null;
        stopTimer();
        decided.pass();
        pump();
    }
}
