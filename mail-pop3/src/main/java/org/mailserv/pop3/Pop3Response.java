package org.mailserv.pop3;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3Reply;

/**
 * The session's response to one command.
 *
 * @param reply the first line
 * @param body the lines after the first line of a multi-line reply, otherwise null
 * @param next the handler's next step once the whole response has been written
 */
public record Pop3Response(Pop3Reply reply, @Nullable Pop3Body body, Next next) {
    /** The step that follows a response. */
    public enum Next {
        COMMAND,
        START_TLS,
        CLOSE
    }

    static Pop3Response of(Pop3Reply reply) {
        return new Pop3Response(reply, null, Next.COMMAND);
    }

    static Pop3Response ok(String text) {
        return of(Pop3Reply.ok(text));
    }

    static Pop3Response err(String text) {
        return of(Pop3Reply.err(text));
    }

    static Pop3Response close(Pop3Reply reply) {
        return new Pop3Response(reply, null, Next.CLOSE);
    }

    static Pop3Response multiline(String text, Pop3Body body) {
        return new Pop3Response(Pop3Reply.okMultiline(text), body, Next.COMMAND);
    }
}
