package org.mailserv.app.transfer;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.mailbox.maildir.MaildirName;

/** The metadata of a message in an mbox file: its separator line, and the header fields that mail programs add for their own use. */
public final class MboxHeader {
    /** Fields that belong to the mbox file rather than the message. Dovecot and UW-IMAP remove them as well. */
    private static final Set<String> OF_THE_FILE = Set.of(
            "status",
            "x-status",
            "x-keywords",
            "x-uid",
            "x-uidl",
            "x-imap",
            "x-imapbase",
            "content-length",
            "x-mozilla-status",
            "x-mozilla-status2",
            "x-mozilla-keys");

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final Pattern DATE =
            Pattern.compile("(?i)\\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +([0-9]{1,2}),? +"
                    + "([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(.*)$");
    private static final Pattern STRICT = Pattern.compile(
            "(?i)From +\\S.* (mon|tue|wed|thu|fri|sat|sun) +(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) +"
                    + "[0-9]{1,2} +[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( +\\S+)? +[0-9]{4}( +[-+][0-9]{4})?\\s*");
    private static final Pattern YEAR = Pattern.compile("(?<![-+0-9])([0-9]{4})(?![0-9])");
    private static final Pattern ZONE = Pattern.compile("[-+][0-9]{4}(?![0-9])");
    private static final Pattern FIELD = Pattern.compile("([!-9;-~]+)[ \\t]*:(.*)");

    private final Map<String, String> fields = new HashMap<>();
    private final @Nullable Instant date;
    private @Nullable String last;

    MboxHeader(String separator) {
        this.date = date(separator);
    }

    /** Returns whether a line looks like a header field. */
    static boolean isField(String line) {
        return FIELD.matcher(line).matches();
    }

    /** Returns whether a line is certainly a separator, with sender and date. */
    static boolean isStrictSeparator(String line) {
        return STRICT.matcher(line).matches();
    }

    /** Returns the date of a separator line, in UTC if it names no zone. RFC 4155. */
    static @Nullable Instant date(String separator) {
        Matcher matcher = DATE.matcher(separator);
        if (!matcher.find()) {
            return null;
        }
        Matcher year = YEAR.matcher(matcher.group(6));
        Matcher zone = ZONE.matcher(matcher.group(6));
        if (!year.find()) {
            return null;
        }
        String seconds = matcher.group(5);
        try {
            return LocalDateTime.of(
                            Integer.parseInt(year.group(1)),
                            MONTHS.indexOf(matcher.group(1).toLowerCase(Locale.ROOT)) + 1,
                            Integer.parseInt(matcher.group(2)),
                            Integer.parseInt(matcher.group(3)),
                            Integer.parseInt(matcher.group(4)),
                            seconds == null ? 0 : Math.min(59, Integer.parseInt(seconds)))
                    .toInstant(zone.find() ? ZoneOffset.of(zone.group()) : ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Takes a line of the header; returns whether it belongs to the message. */
    boolean take(String line) {
        if (line.startsWith(" ") || line.startsWith("\t")) {
            if (last != null) {
                fields.merge(last, line.strip(), (before, more) -> before + " " + more);
            }
            return last == null || !OF_THE_FILE.contains(last);
        }
        Matcher matcher = FIELD.matcher(line);
        if (!matcher.matches()) {
            last = null;
            return true;
        }
        String name = matcher.group(1).toLowerCase(Locale.ROOT);
        last = name;
        fields.putIfAbsent(name, matcher.group(2).strip());
        return !OF_THE_FILE.contains(name);
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** Returns the length of the body by Content-Length, or -1. */
    long contentLength() {
        String length = field("content-length");
        return length.matches("[0-9]{1,15}") ? Long.parseLong(length) : -1;
    }

    /** Returns whether this is the message in which UW-IMAP keeps its own data. */
    boolean isFolderData() {
        return fields.containsKey("x-imap") && field("subject").contains("FOLDER INTERNAL DATA");
    }

    /** Returns whether the user has deleted the message, which Thunderbird only marks. */
    boolean isExpunged() {
        return (mozilla() & 0x8) != 0;
    }

    private int mozilla() {
        String status = field("x-mozilla-status");
        return status.matches("[0-9A-Fa-f]{1,4}") ? Integer.parseInt(status, 16) : 0;
    }

    /** Returns the time of arrival. */
    Instant arrival(Instant otherwise) {
        // Programs write 1970 if they do not know the date.
        if (date != null && date.getEpochSecond() >= 86_400) {
            return date;
        }
        try {
            return ZonedDateTime.parse(
                            field("date").replaceAll("\\([^)]*\\)", "").strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException e) {
            return otherwise;
        }
    }

    /** Returns the letters of a Maildir for Status, X-Status and X-Mozilla-Status, in order. */
    String flags() {
        Set<Character> flags = new TreeSet<>();
        String status = field("status") + " " + field("x-status");
        String[][] letters = {{"R", "S"}, {"A", "R"}, {"F", "F"}, {"D", "T"}, {"T", "D"}};
        for (String[] pair : letters) {
            if (status.contains(pair[0])) {
                flags.add(pair[1].charAt(0));
            }
        }
        int mozilla = mozilla();
        if ((mozilla & 0x1) != 0) {
            flags.add('S');
        }
        if ((mozilla & 0x2) != 0) {
            flags.add('R');
        }
        if ((mozilla & 0x4) != 0) {
            flags.add('F');
        }
        if ((mozilla & 0x1000) != 0) {
            flags.add('P');
        }
        StringBuilder text = new StringBuilder();
        flags.forEach(text::append);
        return text.toString();
    }

    /** Returns whether no program has looked at the message. */
    boolean isFresh() {
        return !field("status").contains("O") && flags().isEmpty();
    }

    /** Returns the UIDVALIDITY of the file, which its first message contains, or -1. */
    long validity() {
        String base = field("x-imapbase").isEmpty() ? field("x-imap") : field("x-imapbase");
        String first = base.split(" ")[0];
        return first.matches("[0-9]{1,15}") ? Long.parseLong(first) : -1;
    }

    /**
     * Returns the unique id that the message had in POP3. qpopper and mailserv store it; Dovecot derives it from the message's number.
     *
     * @param validity the UIDVALIDITY, or -1 if it is unknown
     */
    @Nullable
    String uid(String format, long validity) {
        String own = field("x-uidl");
        String number = field("x-uid");
        if (MaildirName.isUid(own)) {
            return own;
        } else if (validity < 0 || !number.matches("[0-9]{1,15}")) {
            return null;
        }
        return UidLists.formatted(format, Long.parseLong(number), validity, "", "");
    }
}
