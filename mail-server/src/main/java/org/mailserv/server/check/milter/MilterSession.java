package org.mailserv.server.check.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.milter.MilterAnswer.Change;
import org.mailserv.server.check.milter.MilterAnswer.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message shown to one filter, version 6 of the protocol with one command on the way at a time. What is given before the connection is
 * there waits; {@link #ready} says when too much waits. All methods may be called from any thread; what happens does so on the channel's.
 *
 * <p>Every action of a filter is done, or it ends the session without an answer: what cannot be done was not offered, and a message
 * whose filter wants it all the same is treated as one that could not be filtered.
 */
final class MilterSession {
    private static final Logger LOG = LoggerFactory.getLogger(MilterSession.class);
    static final int CHUNK = 65_535;
    private static final int MAX_PACKET = 1 << 20;
    private static final int MAX_CHANGES = 1000;
    private static final int HIGH = 256 << 10;
    private static final int LOW = 64 << 10;
    private static final int VERSION = 6;
    private static final int ADD_HEADERS = 0x01;
    private static final int CHANGE_HEADERS = 0x10;
    private static final int QUARANTINE = 0x20;
    private static final int ACTIONS = ADD_HEADERS | CHANGE_HEADERS | QUARANTINE;
    // What a filter may not want to see. All that it sees it answers.
    private static final int OFFERED = 0x7FF;
    private static final int SKIP = 0x400;
    private static final Map<Character, String> NOT_OFFERED = Map.of(
            'b', "another body",
            '+', "one more recipient",
            '2', "one more recipient",
            '-', "one recipient less",
            'e', "another sender");

    private final MilterConfig config;
    private final CompletableFuture<MilterAnswer> answer = new CompletableFuture<>();
    private final List<Change> changes = new ArrayList<>();

    // Guarded by this.
    private final Deque<Command> waiting = new ArrayDeque<>();
    private @Nullable CompletableFuture<Void> room;
    private long queued;
    private @Nullable Channel channel;
    private boolean pumping;

    // The channel's thread only.
    private @Nullable Command pending;
    private @Nullable ScheduledFuture<?> timer;
    private int steps;
    private boolean agreed;
    private final Set<Character> skipped = new HashSet<>();
    private @Nullable String held;

    /**
     * Something to be sent: the command, its data, and macros before it.
     *
     * @param verdict told what the filter says of it alone, or null where its word is for the whole message
     */
    private record Command(
            char code,
            byte[] data,
            @Nullable Map<String, String> macros,
            @Nullable CompletableFuture<MilterAnswer> verdict) {
        int length() {
            return data.length + 64;
        }
    }

    MilterSession(MilterConfig config) {
        this.config = config;
    }

    /** The filter's last word; fails when there is none. */
    CompletionStage<MilterAnswer> answer() {
        return answer;
    }

    /** Whether the connection may be used for another message. */
    boolean isReusable() {
        Channel open = channel();
        return answer.isDone() && !answer.isCompletedExceptionally() && open != null && open.isActive();
    }

    /** The connection, or null before there is one. */
    @Nullable
    Channel openChannel() {
        return channel();
    }

    private synchronized @Nullable Channel channel() {
        return channel;
    }

    /** Takes an open channel, and agrees on options first. */
    void attach(Channel open) {
        synchronized (this) {
            channel = open;
        }
        open.eventLoop().execute(() -> {
            if (answer.isDone()) {
                open.close();
                return;
            }
            open.pipeline().addLast("milter", new Handler());
            byte[] options = new byte[12];
            Unpooled.wrappedBuffer(options)
                    .clear()
                    .writeInt(VERSION)
                    .writeInt(ACTIONS)
                    .writeInt(OFFERED);
            send(open, new Command('O', options, null, null));
        });
    }

    /** Gives a command on; after the answer it is dropped. */
    void give(char code, byte[] data, @Nullable Map<String, String> macros) {
        give(new Command(code, data, macros, null));
    }

    /**
     * Gives a recipient on, which the filter may refuse without refusing the message.
     *
     * @return what it says of the recipient, or has said of the whole message; fails as {@link #answer} does
     */
    CompletionStage<MilterAnswer> ask(byte[] recipient, Map<String, String> macros) {
        CompletableFuture<MilterAnswer> verdict = new CompletableFuture<>();
        answer.whenComplete((all, failure) -> {
            if (failure != null) {
                verdict.completeExceptionally(failure);
            } else {
                verdict.complete(all);
            }
        });
        give(new Command('R', recipient, macros, verdict));
        return verdict;
    }

    private void give(Command command) {
        if (answer.isDone()) {
            return;
        }
        synchronized (this) {
            waiting.add(command);
            queued += command.length();
            if (queued > HIGH && room == null) {
                room = new CompletableFuture<>();
            }
        }
        wake();
    }

    /** Complete when more may be given. */
    synchronized CompletionStage<Void> ready() {
        CompletableFuture<Void> full = room;
        return full == null || answer.isDone() ? CompletableFuture.completedFuture(null) : full;
    }

    private void wake() {
        Channel open;
        synchronized (this) {
            open = channel;
            if (open == null || pumping) {
                return;
            }
            pumping = true;
        }
        open.eventLoop().execute(() -> {
            synchronized (this) {
                pumping = false;
            }
            pump();
        });
    }

    /** Ends without an answer. */
    void cancel(String reason) {
        fail(reason);
    }

    private void fail(String reason) {
        if (answer.completeExceptionally(new MilterException(reason))) {
            over();
            Channel open = channel();
            if (open != null) {
                open.close();
            }
        }
    }

    private void over() {
        CompletableFuture<Void> full;
        synchronized (this) {
            waiting.clear();
            queued = 0;
            full = room;
            room = null;
        }
        if (full != null) {
            full.complete(null);
        }
    }

    private void end(MilterAnswer result) {
        stopTimer();
        Channel open = channel();
        if (open != null && open.pipeline().get("milter") != null) {
            open.pipeline().remove("milter");
        }
        if (answer.complete(result)) {
            over();
        }
    }

    private void pump() {
        Channel open = channel();
        while (open != null && agreed && pending == null && !answer.isDone()) {
            Command next;
            CompletableFuture<Void> full = null;
            synchronized (this) {
                next = waiting.poll();
                queued -= next == null ? 0 : next.length();
                if (queued < LOW && room != null) {
                    full = room;
                    room = null;
                }
            }
            if (full != null) {
                full.complete(null);
            }
            if (next == null) {
                return;
            }
            if (isWanted(next.code())) {
                send(open, next);
            } else {
                passes(next);
            }
        }
    }

    private boolean isWanted(char code) {
        int bit = switch (code) {
            case 'C' -> 0x01;
            case 'H' -> 0x02;
            case 'M' -> 0x04;
            case 'R' -> 0x08;
            case 'B' -> 0x10;
            case 'L' -> 0x20;
            case 'N' -> 0x40;
            case 'T' -> 0x200;
            default -> 0;
        };
        return (steps & bit) == 0 && !skipped.contains(code);
    }

    private boolean isAnswered(char code) {
        int bit = switch (code) {
            case 'L' -> 0x80;
            case 'C' -> 0x1000;
            case 'H' -> 0x2000;
            case 'M' -> 0x4000;
            case 'R' -> 0x8000;
            case 'T' -> 0x10000;
            case 'N' -> 0x40000;
            case 'B' -> 0x80000;
            case 'K', 'A', 'Q' -> -1;
            default -> 0;
        };
        return bit == 0 || bit != -1 && (steps & bit) == 0;
    }

    private void send(Channel open, Command command) {
        if (command.macros() != null) {
            byte[] macros = macros(command.code(), command.macros());
            open.write(packet('D', macros));
        }
        open.writeAndFlush(packet(command.code(), command.data()));
        if (isAnswered(command.code())) {
            pending = command;
            startTimer(open, timeout(command.code()));
        } else {
            passes(command);
        }
    }

    private static void passes(Command command) {
        if (command.verdict() != null) {
            command.verdict().complete(MilterAnswer.CONTINUE);
        }
    }

    private Duration timeout(char code) {
        return code == 'E' ? config.endTimeout() : code == 'O' ? config.connectTimeout() : config.commandTimeout();
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

    static ByteBuf packet(char code, byte[] data) {
        return Unpooled.buffer(data.length + 5)
                .writeInt(data.length + 1)
                .writeByte(code)
                .writeBytes(data);
    }

    private static byte[] macros(char code, Map<String, String> macros) {
        StringBuilder text = new StringBuilder().append(code);
        macros.forEach(
                (name, value) -> text.append(name).append('\0').append(value).append('\0'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads answers. */
    private final class Handler extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf packet) {
            if (answer.isDone()) {
                return;
            } else if (!packet.isReadable()) {
                fail("empty packet");
                return;
            }
            char code = (char) packet.readByte();
            if (pending != null && pending.code() == 'O') {
                agree(code, packet);
            } else if (pending == null) {
                fail("answer to nothing");
            } else {
                take(context.channel(), code, packet);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail("connection closed");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause.toString());
        }
    }

    private void agree(char code, ByteBuf packet) {
        if (code != 'O' || packet.readableBytes() < 12) {
            fail("no agreement on options");
            return;
        }
        int version = packet.readInt();
        int actions = packet.readInt();
        steps = packet.readInt();
        if ((actions & ~ACTIONS) != 0) {
            // Some filters announce all that they might do. One that does it fails then.
            LOG.debug("event=milter-actions address={} wanted={} done={}", config.address(), actions, ACTIONS);
        }
        if (version < 2) {
            fail("version " + version);
            return;
        }
        pending = null;
        stopTimer();
        agreed = true;
        pump();
    }

    private void take(Channel open, char code, ByteBuf packet) {
        Command asked = pending;
        switch (code) {
            case 'p' -> startTimer(open, timeout(asked == null ? 'E' : asked.code()));
            case 'h', 'i', 'm' -> change(code, packet);
            case 'q' -> held = text(packet);
            case 'b', '+', '2', '-', 'e' -> fail("it wants " + NOT_OFFERED.get(code) + ", which was not offered to it");
            default -> decide(asked == null ? 'E' : asked.code(), code, packet);
        }
    }

    private void change(char code, ByteBuf packet) {
        int index = code == 'h' || packet.readableBytes() < 4 ? 0 : packet.readInt();
        String[] parts = text(packet).split("\0", -1);
        if (changes.size() >= MAX_CHANGES || parts.length < 2) {
            fail(parts.length < 2 ? "a change of the header that is malformed" : "over " + MAX_CHANGES + " changes");
        } else {
            Kind kind = code == 'h' ? Kind.ADD : code == 'i' ? Kind.INSERT : Kind.CHANGE;
            changes.add(new Change(kind, index, parts[0], parts[1]));
        }
    }

    private static String text(ByteBuf packet) {
        String text = packet.readCharSequence(Math.min(packet.readableBytes(), MAX_PACKET), StandardCharsets.ISO_8859_1)
                .toString();
        return text.endsWith("\0") ? text.substring(0, text.length() - 1) : text;
    }

    private void decide(char asked, char code, ByteBuf packet) {
        SmtpReply refusal = switch (code) {
            case 'r' -> SmtpReply.of(550, "5.7.1", "Command rejected");
            case 't' -> SmtpReply.of(451, "4.7.1", "Service unavailable - try again later");
            case 'y' -> MilterReply.parse(text(packet));
            case '4', 'f' -> SmtpReply.of(421, "4.7.1", "Service not available, closing connection");
            default -> null;
        };
        CompletableFuture<MilterAnswer> verdict = pending == null ? null : pending.verdict();
        if (refusal != null && verdict != null && refusal.code() != 421) {
            verdict.complete(MilterAnswer.refused(refusal));
            goOn();
        } else if (refusal != null) {
            end(MilterAnswer.refused(refusal));
        } else if (code == 'd') {
            end(new MilterAnswer(null, true, null, List.of()));
        } else if (code == 'a' || asked == 'E' && code == 'c') {
            end(new MilterAnswer(null, false, held, List.copyOf(changes)));
        } else if (code == 's' && (steps & SKIP) != 0 || code == 'c') {
            if (code == 's') {
                skipped.add(asked);
            }
            goOn();
        } else {
            fail("answer " + (code > ' ' && code < 127 ? code : '?') + " to " + asked);
        }
    }

    private void goOn() {
        Command decided = pending;
        pending = null;
        stopTimer();
        if (decided != null) {
            passes(decided);
        }
        pump();
    }

    /** No answer came. */
    static final class MilterException extends Exception {
        private static final long serialVersionUID = 1;

        MilterException(String message) {
            super(message);
        }
    }
}
