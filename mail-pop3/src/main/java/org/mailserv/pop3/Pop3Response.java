package org.mailserv.pop3;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3Reply;

/**
 * What a session answers to one command.
 *
 * @param reply the first line
 * @param body what follows a multi-line reply, else null
 * @param next what becomes of the connection once all of it is written
 */
public record Pop3Response(Pop3Reply reply, @Nullable Pop3Body body, Next next) {
    /** What comes after the reply. */
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
