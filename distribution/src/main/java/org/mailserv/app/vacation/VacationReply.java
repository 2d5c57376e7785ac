package org.mailserv.app.vacation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.account.MailboxName;

/** The message of a reply: fields that refer to the answered message and mark it as automatic, and the text. RFC 3834, 3. */
final class VacationReply {
    private static final Pattern MESSAGE_ID = Pattern.compile("<[\\x21-\\x7e&&[^<>]]{1,250}>");
    private static final int LONGEST_SUBJECT = 200;
    private static final int MOST_REFERENCES = 10;
    /** Octets in one encoded word, which is at most 75 characters long. RFC 2047, 2. */
    private static final int WORD_OCTETS = 45;

    private VacationReply() {}

    /**
     * Returns the message with CRLF line ends.
     *
     * @param id for its Message-ID
     */
    static String text(Vacation vacation, MailboxName from, Address to, HeaderBlock answered, String id, Instant now) {
        StringBuilder message = new StringBuilder();
        field(message, "From", "<" + from.address() + ">");
        field(message, "To", "<" + to + ">");
        field(message, "Subject", words(subject(vacation, answered)));
        field(message, "Date", MailDate.format(now, ZoneOffset.UTC));
        field(message, "Message-ID", "<" + id + "@" + from.domain() + ">");
        String answeredId = messageId(answered.first("Message-ID"));
        if (answeredId != null) {
            field(message, "In-Reply-To", answeredId);
            field(message, "References", references(answered, answeredId));
        }
        field(message, "Auto-Submitted", "auto-replied");
        field(message, "X-Auto-Response-Suppress", "All");
        field(message, "MIME-Version", "1.0");
        field(message, "Content-Type", "text/plain; charset=utf-8");
        body(message, vacation.text().replaceAll("\r\n?|\n", "\r\n"));
        return message.toString();
    }

    private static void field(StringBuilder message, String name, String value) {
        message.append(name).append(": ").append(value).append("\r\n");
    }

    private static String subject(Vacation vacation, HeaderBlock answered) {
        String own = vacation.subject();
        if (own != null && !own.isBlank()) {
            return oneLine(own);
        }
        HeaderField field = answered.first("Subject");
        // Encoded words stay as they are.
        return "Auto: " + (field == null ? "your message" : oneLine(field.value()));
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}+\\s*", " ").strip();
        return line.length() <= LONGEST_SUBJECT
                ? line
                : line.substring(0, LONGEST_SUBJECT).strip();
    }

    private static @Nullable String messageId(@Nullable HeaderField field) {
        Matcher id = MESSAGE_ID.matcher(field == null ? "" : field.value());
        return id.find() ? id.group() : null;
    }

    private static String references(HeaderBlock answered, String answeredId) {
        HeaderField field = answered.has("References") ? answered.first("References") : answered.first("In-Reply-To");
        List<String> ids = new ArrayList<>();
        Matcher each = MESSAGE_ID.matcher(field == null ? "" : field.value());
        while (each.find()) {
            ids.add(each.group());
        }
        int skipped = Math.max(0, ids.size() - MOST_REFERENCES);
        List<String> kept = new ArrayList<>(ids.subList(skipped, ids.size()));
        kept.add(answeredId);
        return String.join("\r\n ", kept);
    }

    /** Returns a text as it stands in a header: as it is if it is ASCII, otherwise as encoded words. RFC 2047. */
    static String words(String text) {
        if (text.chars().allMatch(c -> c >= ' ' && c < 127)) {
            return text;
        }
        List<String> words = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int octets = 0;
        for (int c : text.codePoints().toArray()) {
            int more = Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
            if (octets + more > WORD_OCTETS) {
                words.add(word(part));
                part.setLength(0);
                octets = 0;
            }
            part.appendCodePoint(c);
            octets += more;
        }
        words.add(word(part));
        return String.join("\r\n ", words);
    }

    private static String word(StringBuilder part) {
        return "=?utf-8?B?" + Base64.getEncoder().encodeToString(part.toString().getBytes(StandardCharsets.UTF_8))
                + "?=";
    }

    private static void body(StringBuilder message, String text) {
        boolean plain = text.chars().allMatch(c -> c == '\r' || c == '\n' || c == '\t' || c >= ' ' && c < 127)
                && text.lines().allMatch(line -> line.length() <= 990);
        field(message, "Content-Transfer-Encoding", plain ? "7bit" : "base64");
        message.append("\r\n")
                .append(
                        plain
                                ? text
                                : Base64.getMimeEncoder(76, new byte[] {'\r', '\n'})
                                        .encodeToString(text.getBytes(StandardCharsets.UTF_8)));
        if (message.charAt(message.length() - 1) != '\n') {
            message.append("\r\n");
        }
    }
}
