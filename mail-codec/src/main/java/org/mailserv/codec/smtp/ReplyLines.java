package org.mailserv.codec.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects the lines of a reply that is being read, up to fixed limits. RFC 5321, 4.2. */
final class ReplyLines {
    private static final Pattern STATUS = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})(?: +|$)");
    // Maximum characters kept of a reply, over all its lines.
    private static final int MAX_TEXT = 64 * 1024;

    private record Line(int code, String text) {}

    private final int maxLines;
    private final List<Line> lines = new ArrayList<>();
    private int count;
    private int characters;
    /** The code of the last line that has one, or 0. */
    private int code;

    private boolean mixed;
    private boolean textFirst;

    ReplyLines(int maxLines) {
        this.maxLines = maxLines;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Returns the number of lines so far, including those that were not kept. */
    int count() {
        return count;
    }

    /** Returns whether a line with a code has been added. */
    boolean hasCode() {
        return code > 0;
    }

    /**
     * Adds a line.
     *
     * @return whether the line ends the reply
     */
    boolean add(String line) {
        int lineCode = code(line);
        boolean coded = lineCode >= 200 && lineCode <= 599;
        char after = line.length() > 3 ? line.charAt(3) : ' ';
        // "250_ok" also ends a reply, unless the preceding lines suggest that it is text beginning with a number.
        boolean plausible = after == ' ' || after == '-' || code == 0 && count == 0 || lineCode == code;
        if (!coded || !plausible) {
            textFirst |= count == 0;
            keep(0, line);
            return false;
        }
        mixed |= code != 0 && code != lineCode;
        code = lineCode;
        keep(lineCode, line.length() <= 3 ? "" : line.substring(after == ' ' || after == '-' ? 4 : 3));
        return after != '-';
    }

    private void keep(int lineCode, String text) {
        count++;
        if (lines.size() < maxLines && characters + text.length() <= MAX_TEXT) {
            lines.add(new Line(lineCode, text));
            characters += text.length();
        }
    }

    /** Returns the reply, which must have a code, and starts the next one. */
    SmtpReply reply() {
        EnhancedStatus status = code / 100 == 3 ? null : status();
        List<String> texts = new ArrayList<>(lines.size());
        for (Line line : lines) {
            if (line.code() != code && line.code() != 0) {
                texts.add(line.code() + " " + line.text());
            } else if (status == null) {
                texts.add(line.text());
            } else {
                Matcher matcher = STATUS.matcher(line.text());
                texts.add(matcher.lookingAt() ? line.text().substring(matcher.end()) : line.text());
            }
        }
        SmtpReply reply = new SmtpReply(code, status, texts.isEmpty() ? List.of("") : texts, form());
        clear();
        return reply;
    }

    private SmtpReply.Form form() {
        if (textFirst) {
            return SmtpReply.Form.TEXT_FIRST;
        }
        return mixed ? SmtpReply.Form.MIXED_CODES : SmtpReply.Form.REGULAR;
    }

    /** Returns the enhanced status of the first line with the reply's code and a status of the same class, or null. */
    private @Nullable EnhancedStatus status() {
        for (Line line : lines) {
            Matcher matcher = STATUS.matcher(line.text());
            if (line.code() == code && matcher.lookingAt() && Integer.parseInt(matcher.group(1)) == code / 100) {
                return new EnhancedStatus(
                        code / 100, Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)));
            }
        }
        return null;
    }

    void clear() {
        lines.clear();
        count = 0;
        characters = 0;
        code = 0;
        mixed = false;
        textFirst = false;
    }

    /**
     * Returns the three-digit code at the beginning of a line, or -1. Digits that belong to a longer number are not a
     * code.
     */
    private static int code(String line) {
        if (line.length() < 3 || line.length() > 3 && isDigit(line.charAt(3))) {
            return -1;
        }
        for (int i = 0; i < 3; i++) {
            if (!isDigit(line.charAt(i))) {
                return -1;
            }
        }
        return Integer.parseInt(line.substring(0, 3));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /**
     * Returns whether a line has the form of a last line but a code that means neither success nor failure. Codes 1xx
     * are excluded: where they are used, the real reply follows.
     */
    static boolean isOfUnknownClass(String line) {
        int code = code(line);
        boolean known = code < 0 || code >= 100 && code <= 599;
        return !known && (line.length() == 3 || line.charAt(3) == ' ');
    }
}
