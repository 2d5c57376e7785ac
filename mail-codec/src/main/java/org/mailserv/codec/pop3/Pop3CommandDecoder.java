package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailserv.codec.line.LineFrameDecoder;

/** Decodes one command and then waits until its reply is complete. RFC 1939, 3; RFC 2449, 4; RFC 5034, 4. */
final class Pop3CommandDecoder extends LineFrameDecoder {
    private static final Pop3Reply LINE_TOO_LONG = Pop3Reply.err("Line too long");
    private static final Pop3Reply BARE_LINE_END = Pop3Reply.err("Bare CR or LF: lines end in CRLF");

    private enum State {
        AWAIT_REPLY,
        READ_COMMAND,
        READ_AUTH_LINE
    }

    private final int authLimit;
    private State state = State.AWAIT_REPLY;

    Pop3CommandDecoder(int commandLimit, int authLimit) {
        super(commandLimit);
        this.authLimit = authLimit;
    }

    @Override
    protected boolean isBlocked() {
        return state == State.AWAIT_REPLY;
    }

    @Override
    protected void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        boolean auth = state == State.READ_AUTH_LINE;
        ByteBuf line = readLine(in, auth ? authLimit : lineLimit(), out);
        if (line == null) {
            return;
        }
        state = State.AWAIT_REPLY;
        Pop3Command command = auth
                ? new Pop3Command.AuthResponse(line.toString(StandardCharsets.ISO_8859_1))
                : Pop3Parser.parse(line);
        if (command instanceof Pop3Command.Stls && in.isReadable()) {
            // RFC 2595, 4: plaintext sent along with STLS must never be treated as protected commands.
            command =
                    new Pop3Command.Malformed("STLS", Pop3Reply.err("Plaintext after STLS, closing connection"), true);
        }
        out.add(command);
    }

    @Override
    protected void onFault(Fault fault, List<Object> out) {
        boolean auth = state == State.READ_AUTH_LINE;
        state = State.AWAIT_REPLY;
        Pop3Reply reply = fault == Fault.TOO_LONG ? LINE_TOO_LONG : BARE_LINE_END;
        // During an AUTH exchange, the session must learn that the exchange has ended. The line passed cannot be
        // base64.
        out.add(auth ? new Pop3Command.AuthResponse("\0") : new Pop3Command.Malformed("?", reply, false));
    }

    void replied(Pop3Reply reply) {
        if (!reply.multiline()) {
            moveOn(reply.status() == Pop3Reply.Status.CONTINUE ? State.READ_AUTH_LINE : State.READ_COMMAND);
        }
    }

    void ended() {
        moveOn(State.READ_COMMAND);
    }

    private void moveOn(State next) {
        if (state == State.AWAIT_REPLY) {
            state = next;
            resume();
        }
    }

    void discardPlaintext() {
        dropBufferedInput();
    }
}
