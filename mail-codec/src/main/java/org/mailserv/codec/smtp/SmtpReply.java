package org.mailserv.codec.smtp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server's reply of one or more lines.
 *
 * @param code reply code, 200 to 599
 * @param status enhanced status, written before the text of each line; null for replies that have none (greeting,
 *     EHLO, 3xx)
 * @param lines the text of each line, at least one, none containing CR or LF
 * @param form the irregularity in the form of a received reply
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.2">RFC 5321, 4.2</a>
 */
public record SmtpReply(int code, @Nullable EnhancedStatus status, List<String> lines, Form form) {
    /** Irregular forms of a reply that make its meaning uncertain. */
    public enum Form {
        REGULAR,
        /** The lines have different codes. The last one was used. */
        MIXED_CODES,
        /** The first line has no code and may have been a separate reply. */
        TEXT_FIRST
    }

    /** Creates a reply of regular form. */
    public SmtpReply(int code, @Nullable EnhancedStatus status, List<String> lines) {
        this(code, status, lines, Form.REGULAR);
    }

    public SmtpReply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("code: " + code + " (expected: 200 to 599)");
        }
        if (status != null && status.statusClass() != code / 100) {
            throw new IllegalArgumentException("status: " + status + " (expected: class of " + code + ")");
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("lines: none (expected: at least one)");
        }
        for (String line : lines) {
            if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("line: has CR or LF (expected: none)");
            }
        }
        lines = List.copyOf(lines);
    }

    /**
     * Returns a one-line reply with an enhanced status.
     *
     * @param status the status as text, such as {@code "5.1.1"}
     */
    public static SmtpReply of(int code, String status, String text) {
        String[] parts = status.split("\\.", 3);
        EnhancedStatus parsed =
                new EnhancedStatus(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        return new SmtpReply(code, parsed, List.of(text));
    }

    /** Returns a one-line reply without an enhanced status. */
    public static SmtpReply of(int code, String text) {
        return new SmtpReply(code, null, List.of(text));
    }

    public boolean isPositive() {
        return code < 400;
    }

    public boolean isTransient() {
        return code >= 400 && code < 500;
    }

    public boolean isPermanent() {
        return code >= 500;
    }

    /** Returns the status and all lines, joined with blanks, for logs and bounces. */
    public String text() {
        String joined = String.join(" ", lines);
        return status == null ? joined : status + " " + joined;
    }

    @Override
    public String toString() {
        return code + " " + text();
    }
}
