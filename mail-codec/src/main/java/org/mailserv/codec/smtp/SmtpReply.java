package org.mailserv.codec.smtp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply of a server, of one line or several.
 *
 * @param code 200 to 599
 * @param status the enhanced status, written before the text of each line; null where none belongs (greeting, EHLO, 3xx)
 * @param lines the text of each line, at least one, none with CR or LF in it
 * @param form what was wrong with the way in which it was written
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.2">RFC 5321, 4.2</a>
 */
public record SmtpReply(int code, @Nullable EnhancedStatus status, List<String> lines, Form form) {
    /** Faults of form that leave it open what a server meant. */
    public enum Form {
        REGULAR,
        /** Its lines have different codes; the last one was taken. */
        MIXED_CODES,
        /** It began with a line without a code, which may have been a reply of its own. */
        TEXT_FIRST
    }

    /** A reply of regular form. */
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

    /** A reply of one line with an enhanced status written as {@code "5.1.1"}. */
    public static SmtpReply of(int code, String status, String text) {
        String[] parts = status.split("\\.", 3);
        EnhancedStatus parsed =
                new EnhancedStatus(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        return new SmtpReply(code, parsed, List.of(text));
    }

    /** A reply of one line without an enhanced status. */
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

    /** All lines joined with blanks, the status first: for logs and for bounces. */
    public String text() {
        String joined = String.join(" ", lines);
        return status == null ? joined : status + " " + joined;
    }

    @Override
    public String toString() {
        return code + " " + text();
    }
}
