package org.mailserv.codec.pop3;

import org.jspecify.annotations.Nullable;

/**
 * The first line of a reply.
 *
 * @param status the status indicator at the beginning of the line
 * @param code the response code without brackets, such as {@code IN-USE}, or null. RFC 2449, 8
 * @param text the remaining text, without CR or LF
 * @param multiline whether {@link Pop3Content} follows, up to a {@link LastPop3Content}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
public record Pop3Reply(Status status, @Nullable String code, String text, boolean multiline) {
    public Pop3Reply {
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("text: has CR or LF (expected: none)");
        }
    }

    /** The status indicators of a reply. */
    public enum Status {
        OK("+OK"),
        ERR("-ERR"),
        /** A challenge, which the client's next line answers. RFC 5034, 4. */
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

    /** Returns a {@code +OK} reply followed by content. */
    public static Pop3Reply okMultiline(String text) {
        return new Pop3Reply(Status.OK, null, text, true);
    }

    public static Pop3Reply err(String text) {
        return new Pop3Reply(Status.ERR, null, text, false);
    }

    /** Returns an {@code -ERR} reply with a response code of RFC 2449, 8 or RFC 3206, 4, given without brackets. */
    public static Pop3Reply err(String code, String text) {
        return new Pop3Reply(Status.ERR, code, text, false);
    }

    /**
     * Returns a challenge.
     *
     * @param base64 the encoded challenge, possibly empty
     */
    public static Pop3Reply challenge(String base64) {
        return new Pop3Reply(Status.CONTINUE, null, base64, false);
    }

    public boolean isOk() {
        return status == Status.OK;
    }

    /** Returns the line without its CRLF. */
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
