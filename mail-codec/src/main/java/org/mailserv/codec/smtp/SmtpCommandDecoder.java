package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailserv.codec.line.LineFrameDecoder;

/**
 * Decodes input as a server sees it: one command, then nothing until its reply has been written. The reply determines
 * the next frame. RFC 5321, 4.1; RFC 3030, 2; RFC 4954, 4.
 */
final class SmtpCommandDecoder extends LineFrameDecoder {
    private enum State {
        /** Before the greeting, and after each command. */
        AWAIT_REPLY,
        READ_COMMAND,
        READ_AUTH_LINE,
        READ_DATA,
        READ_CHUNK,
        CLOSED
    }

    private final SmtpServerLimits limits;
    private final DataFramer data;
    private State state = State.AWAIT_REPLY;
    private boolean paused;
    private long chunkLeft;

    SmtpCommandDecoder(SmtpServerLimits limits) {
        super(limits.commandLine());
        this.limits = limits;
        this.data = new DataFramer(limits);
    }

    @Override
    protected boolean isBlocked() {
        return state == State.AWAIT_REPLY || paused;
    }

    @Override
    protected void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        switch (state) {
            case READ_COMMAND -> readCommand(in, out);
            case READ_AUTH_LINE -> readAuthLine(in, out);
            case READ_DATA -> {
                if (data.frame(in, out)) {
                    state = State.AWAIT_REPLY;
                }
            }
            case READ_CHUNK -> readChunk(in, out);
            case CLOSED -> in.skipBytes(in.readableBytes());
            case AWAIT_REPLY -> {}
        }
    }

    private void readCommand(ByteBuf in, List<Object> out) {
        ByteBuf line = readLine(in, limits.commandLine(), out);
        if (line == null) {
            return;
        }
        SmtpCommand command = SmtpCommandParser.parse(line);
        state = State.AWAIT_REPLY;
        if (command instanceof SmtpCommand.StartTls && in.isReadable()) {
            // RFC 3207, 6: plaintext sent along with STARTTLS must never be treated as protected commands.
            command = new SmtpCommand.Malformed("STARTTLS", SmtpReplies.R501_PLAINTEXT_BEHIND_STARTTLS);
            state = State.CLOSED;
        } else if (command instanceof SmtpCommand.Malformed malformed && isFatal(malformed.reply())) {
            state = State.CLOSED;
        }
        out.add(command);
        if (command instanceof SmtpCommand.Bdat bdat) {
            chunkLeft = bdat.size();
            state = State.READ_CHUNK;
            if (chunkLeft == 0) {
                endChunk(Unpooled.EMPTY_BUFFER, out);
            }
        }
    }

    private static boolean isFatal(SmtpReply reply) {
        return reply.code() == 421 || reply.code() == 521;
    }

    private void readAuthLine(ByteBuf in, List<Object> out) {
        ByteBuf line = readLine(in, limits.authLine(), out);
        if (line != null) {
            state = State.AWAIT_REPLY;
            out.add(new SmtpCommand.AuthResponse(line.toString(StandardCharsets.ISO_8859_1)));
        }
    }

    /** Reads all octets of a chunk, even if it will be rejected. RFC 3030, 2. */
    private void readChunk(ByteBuf in, List<Object> out) {
        int octets = (int) Math.min(chunkLeft, in.readableBytes());
        chunkLeft -= octets;
        ByteBuf piece = in.readRetainedSlice(octets);
        if (chunkLeft > 0) {
            out.add(new SmtpContent(piece));
        } else {
            endChunk(piece, out);
        }
    }

    private void endChunk(ByteBuf piece, List<Object> out) {
        state = State.AWAIT_REPLY;
        out.add(new LastSmtpContent(piece, ContentResult.OK));
    }

    @Override
    protected void onFault(Fault fault, List<Object> out) {
        boolean auth = state == State.READ_AUTH_LINE;
        state = State.AWAIT_REPLY;
        SmtpReply reply = fault == Fault.TOO_LONG ? SmtpReplies.R500_LINE_TOO_LONG : SmtpReplies.R500_BARE_CR_OR_LF;
        // During an AUTH exchange, the session must learn that the exchange has ended. The line passed cannot be
        // base64.
        out.add(auth ? new SmtpCommand.AuthResponse("\0") : new SmtpCommand.Malformed("?", reply));
    }

    /** Continues after a reply has been written. Called on the event loop. */
    void replied(SmtpReply reply) {
        if (state != State.AWAIT_REPLY) {
            return;
        }
        switch (reply.code()) {
            case 354 -> {
                data.begin();
                state = State.READ_DATA;
            }
            case 334 -> state = State.READ_AUTH_LINE;
            case 421, 521 -> {
                state = State.CLOSED;
                dropBufferedInput();
            }
            default -> state = State.READ_COMMAND;
        }
        if (!paused) {
            resume();
        }
    }

    /** Suspends or resumes the emission of content, for back-pressure. Called on the event loop. */
    void pause(boolean pause) {
        boolean resumes = paused && !pause;
        paused = pause;
        if (resumes && state != State.AWAIT_REPLY) {
            resume();
        }
    }

    void discardPlaintext() {
        dropBufferedInput();
    }

    /** Discards all further input, because the session has ended. */
    void closeInput() {
        state = State.CLOSED;
        dropBufferedInput();
    }
}
