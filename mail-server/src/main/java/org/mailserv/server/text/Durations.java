package org.mailserv.server.text;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as people write them. */
public final class Durations {
    private static final Pattern TERM = Pattern.compile("(\\d{1,9})\\s*([a-z]+)", Pattern.CASE_INSENSITIVE);

    private Durations() {}

    /** Returns a duration in its two largest units, {@code 1 h 5 min} or {@code 350 ms}. */
    public static String text(Duration time) {
        Duration size = time.abs();
        String sign = time.isNegative() ? "-" : "";
        if (size.compareTo(Duration.ofSeconds(1)) < 0) {
            return sign + size.toMillis() + " ms";
        }
        // Below a second is noise in a longer time.
        long seconds = size.plusMillis(500).toSeconds();
        if (seconds >= 86_400) {
            return sign + two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
        } else if (seconds >= 3600) {
            return sign + two(seconds / 3600, "h", seconds % 3600 / 60, "min");
        }
        return sign + (seconds >= 60 ? two(seconds / 60, "min", seconds % 60, "s") : seconds + " s");
    }

    private static String two(long large, String unit, long small, String smaller) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smaller);
    }

    /**
     * Reads a duration: numbers with units, such as {@code 90s}, {@code 15 min}, {@code 1h30m} or {@code 2 days}.
     *
     * @return null where the text is none
     */
    public static @Nullable Duration parse(String text) {
        String rest = text.strip();
        Matcher matcher = TERM.matcher(rest);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (matcher.find() && rest.substring(end, matcher.start()).isBlank()) {
            Duration unit = unit(matcher.group(2).toLowerCase(Locale.ROOT));
            if (unit == null) {
                return null;
            }
            sum = sum.plus(unit.multipliedBy(Long.parseLong(matcher.group(1))));
            end = matcher.end();
        }
        return end == 0 || end < rest.length() ? null : sum;
    }

    private static @Nullable Duration unit(String name) {
        return switch (name) {
            case "s", "sec", "secs", "second", "seconds" -> Duration.ofSeconds(1);
            case "m", "min", "mins", "minute", "minutes" -> Duration.ofMinutes(1);
            case "h", "hour", "hours" -> Duration.ofHours(1);
            case "d", "day", "days" -> Duration.ofDays(1);
            case "w", "week", "weeks" -> Duration.ofDays(7);
            default -> null;
        };
    }
}
