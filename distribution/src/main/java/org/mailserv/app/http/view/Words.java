package org.mailserv.app.http.view;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Durations;

/** Numbers, times and sizes in words, for templates. */
public final class Words {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Words() {}

    /** Returns {@code 1 message} or {@code 5 messages}. */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : noun.endsWith("box") || noun.endsWith("s") ? "es" : "s");
    }

    /** Returns a size in octets: {@code 512 B}, {@code 1.5 MiB}. */
    public static String size(long octets) {
        if (octets < 0) {
            return "unknown";
        } else if (octets < 1024) {
            return octets + " B";
        }
        double value = octets;
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        int unit = -1;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    /** Returns the time since an instant: {@code 3 min}. */
    public static String age(Instant since) {
        Duration age = Duration.between(since, Instant.now());
        return age.isNegative() ? "now" : rough(age);
    }

    /** Returns the time until an instant, {@code now} if it has passed, or {@code on hold} without one. */
    public static String until(@Nullable Instant time) {
        if (time == null) {
            return "on hold";
        }
        Duration left = Duration.between(Instant.now(), time);
        return left.toMillis() < 1000 ? "now" : "in " + rough(left);
    }

    /** Returns a duration without its smaller units: {@code 2 d}, {@code 5 h}, {@code 3 min}, {@code 12 s}. */
    public static String rough(Duration time) {
        if (time.toDays() >= 2) {
            return time.toDays() + " d";
        } else if (time.toHours() >= 2) {
            return time.toHours() + " h";
        } else if (time.toMinutes() >= 2) {
            return time.toMinutes() + " min";
        }
        return time.toSeconds() < 1 ? "0 s" : time.toSeconds() + " s";
    }

    /** Returns an upper bound in milliseconds in words, {@code over a day} for -1. */
    public static String within(long millis) {
        return millis < 0 ? "over a day" : Durations.text(Duration.ofMillis(millis));
    }

    /** Returns a duration exactly. */
    public static String exact(Duration time) {
        return Durations.text(time);
    }

    /** Returns a time in the zone of the server, to the second. */
    public static String time(@Nullable Instant time) {
        return time == null ? "" : TIME.format(time.atZone(ZoneId.systemDefault()));
    }

    /** Returns the name of the server's time zone. */
    public static String zone() {
        return DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH)
                .format(Instant.now().atZone(ZoneId.systemDefault()));
    }
}
