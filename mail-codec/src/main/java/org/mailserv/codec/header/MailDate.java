package org.mailserv.codec.header;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats dates for header fields. RFC 5322, 3.3. */
public final class MailDate {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

    // Many messages arrive in one second and share one text. A race costs no more than another formatting.
    private static volatile Cached cached = new Cached(Long.MIN_VALUE, ZoneId.of("UTC"), "");

    private record Cached(long second, ZoneId zone, String text) {}

    private MailDate() {}

    /** Returns a date such as {@code Fri, 20 Nov 2026 22:10:00 +0000}. */
    public static String format(Instant instant, ZoneId zone) {
        Cached last = cached;
        if (last.second == instant.getEpochSecond() && last.zone.equals(zone)) {
            return last.text;
        }
        String text = FORMAT.format(instant.atZone(zone));
        cached = new Cached(instant.getEpochSecond(), zone, text);
        return text;
    }
}
