package org.mailserv.codec.pop3;

import org.jspecify.annotations.Nullable;

/**
 * The first line of a reply.
 *
 * @param status what begins the line
 * @param code the response code without its brackets, such as {@code IN-USE}, or null. RFC 2449, 8
 * @param text the rest; no CR or LF in it
 * @param multiline whether {@link Pop3Content} up to a {@link LastPop3Content} follows
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
public record Pop3Reply(Status status, @Nullable String code, String text, boolean multiline) {
    public Pop3Reply {
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("text: has CR or LF (expected: none)");
        }
    }

    /** The three beginnings of a line from the server. */
    public enum Status {
        OK("+OK"),
        ERR("-ERR"),
        /** A challenge; the client's next line answers it. RFC 5034, 4. */
        CONTINUE("+");

        private final String prefix;

        Status(String prefix) {
            this.prefix = prefix;
        }

        String prefix() {
            return prefix;
        }
    }

    public static Pop3Reply ok(String text) {
        return new Pop3Reply(Status.OK, null, text, false);
    }

    /** {@code +OK} that content follows. */
    public static Pop3Reply okMultiline(String text) {
        return new Pop3Reply(Status.OK, null, text, true);
    }

    public static Pop3Reply err(String text) {
        return new Pop3Reply(Status.ERR, null, text, false);
    }

    /** With a response code of RFC 2449, 8 or RFC 3206, 4, without its brackets. */
    public static Pop3Reply err(String code, String text) {
        return new Pop3Reply(Status.ERR, code, text, false);
    }

    /** A challenge in base64, which may be empty. */
    public static Pop3Reply challenge(String base64) {
        return new Pop3Reply(Status.CONTINUE, null, base64, false);
    }

    public boolean isOk() {
        return status == Status.OK;
    }

    /** The line without its CRLF. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(status.prefix());
        if (code != null) {
            line.append(" [").append(code).append(']');
        }
        if (!text.isEmpty() || status == Status.CONTINUE) {
            line.append(' ').append(text);
        }
        return line.toString();
    }
}
