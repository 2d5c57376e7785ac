package org.mailserv.codec.header;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates as header fields have them. RFC 5322, 3.3. */
public final class MailDate {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

    // Many messages arrive in one second: one text for all of them. A race costs a formatting, no more.
    private static volatile Cached cached = new Cached(Long.MIN_VALUE, ZoneId.of("UTC"), "");

    private record Cached(long second, ZoneId zone, String text) {}

    private MailDate() {}

    /** {@code Fri, 20 Nov 2026 22:10:00 +0000}. */
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
