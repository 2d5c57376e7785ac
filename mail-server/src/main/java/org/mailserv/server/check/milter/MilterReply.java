package org.mailserv.server.check.milter;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * Parses the reply that a filter chooses for the client, as {@code smfi_setreply} and {@code smfi_setmlreply} of libmilter write it: lines
 * of code, enhanced status and text, with percent signs doubled. Filters written without libmilter may leave out everything but the code.
 */
final class MilterReply {
    /** The number of text lines that libmilter allows. */
    private static final int MAX_LINES = 32;
    /** The octets of a line that leave room for code and status. RFC 5321, 4.5.3.1.5. */
    private static final int MAX_TEXT = 490;

    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
    private static final Pattern CODED = Pattern.compile("([0-9]{3})(?:[ -](.*))?");
    private static final Pattern STATUS = Pattern.compile("[245]\\.([0-9]{1,3})\\.([0-9]{1,3})(?: +(.*)|)");
    private static final SmtpReply REJECTED = SmtpReply.of(550, "5.7.1", "Command rejected");

    private MilterReply() {}

    /**
     * Returns the reply, with all its lines.
     *
     * @param text the reply as the filter sent it, one char per octet, without the final zero
     * @return always a refusal: the filter asked for one, so a text without a usable code is replaced by our own refusal
     */
    static SmtpReply parse(String text) {
        String[] lines = LINE_END.split(text);
        Matcher first = CODED.matcher(lines.length == 0 ? "" : lines[0]);
        int code = first.matches() ? Integer.parseInt(first.group(1)) : 0;
        if (code < 400 || code > 599) {
            return REJECTED;
        }
        int statusClass = code / 100;
        EnhancedStatus status = null;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < lines.length && texts.size() < MAX_LINES; i++) {
            Matcher coded = CODED.matcher(lines[i]);
            String rest = coded.matches() ? String.valueOf(coded.group(2) == null ? "" : coded.group(2)) : lines[i];
            Matcher matcher = STATUS.matcher(rest);
            if (matcher.matches()) {
                // A status of another class would contradict the code, which is what clients obey.
                status = status != null ? status : status(statusClass, matcher);
                rest = matcher.group(3) == null ? "" : matcher.group(3);
            }
            texts.add(printable(rest));
        }
        if (texts.stream().allMatch(String::isEmpty)) {
            texts = List.of("Rejected");
        }
        return new SmtpReply(code, status == null ? new EnhancedStatus(statusClass, 7, 1) : status, texts);
    }

    private static EnhancedStatus status(int statusClass, Matcher status) {
        return new EnhancedStatus(statusClass, Integer.parseInt(status.group(1)), Integer.parseInt(status.group(2)));
    }

    /** Undoes the doubling of percent signs, which libmilter requires because sendmail uses the text as a format. */
    private static String printable(String text) {
        String plain = text.replace("%%", "%").replaceAll("[^ -~]", "?").strip();
        return plain.length() > MAX_TEXT ? plain.substring(0, MAX_TEXT) : plain;
    }
}
