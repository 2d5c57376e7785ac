package org.mailserv.app.vacation;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The vacation reply of a user.
 *
 * @param enabled whether replies are sent, within the dates
 * @param subject the subject; null for one made from that of the message
 * @param text the text in plain text
 * @param start the first day, {@code 2026-07-01}; null for no start
 * @param end the last day; null for no end
 */
public record Vacation(
        boolean enabled,
        @Nullable String subject,
        String text,
        @Nullable String start,
        @Nullable String end) {
    /** No reply. */
    public static final Vacation NONE = new Vacation(false, null, "", null, null);

    /** Returns whether replies are sent on a day. Dates that cannot be read never match. */
    boolean isActive(LocalDate day) {
        if (!enabled || text.isBlank()) {
            return false;
        }
        LocalDate first = start == null ? LocalDate.MIN : date(start);
        LocalDate last = end == null ? LocalDate.MAX : date(end);
        return first != null && last != null && !day.isBefore(first) && !day.isAfter(last);
    }

    /** Returns a date, or null if the text is none. */
    public static @Nullable LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Returns whether senders would get the same reply as before. */
    boolean isSameText(Vacation other) {
        return text.equals(other.text) && Objects.equals(subject, other.subject);
    }
}
