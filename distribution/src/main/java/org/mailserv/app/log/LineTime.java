package org.mailserv.app.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Formats the time at the beginning of a line. The parts above milliseconds are kept for the rest of their second. Used by one thread. */
final class LineTime {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.");
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("XXX");

    private final ZoneId zone;
    private long second = Long.MIN_VALUE;
    private String date = "";
    private String offset = "";

    LineTime(ZoneId zone) {
        this.zone = zone;
    }

    void append(StringBuilder line, long millis) {
        long now = Math.floorDiv(millis, 1000);
        if (now != second) {
            ZonedDateTime time = Instant.ofEpochMilli(millis).atZone(zone);
            date = SECOND.format(time);
            offset = OFFSET.format(time);
            second = now;
        }
        int part = (int) Math.floorMod(millis, 1000L);
        line.append(date)
                .append((char) ('0' + part / 100))
                .append((char) ('0' + part / 10 % 10))
                .append((char) ('0' + part % 10))
                .append(offset);
    }
}
