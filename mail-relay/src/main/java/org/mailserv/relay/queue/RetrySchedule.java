package org.mailserv.relay.queue;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.RelayConfig.RetryConfig;

/** The waits between attempts. RFC 5321, 4.5.4.1. */
public final class RetrySchedule {
    private static final Pattern TIME = Pattern.compile(
            "\\b(\\d{1,6})\\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern ASKS =
            Pattern.compile("gr[ea]y|try|retry|again|later|wait|come back|delay", Pattern.CASE_INSENSITIVE);

    private final RetryConfig config;
    private final RandomGenerator random;

    public RetrySchedule(RetryConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
    }

    /**
     * Returns the wait after a number of failed attempts.
     *
     * @param attempts number of failed attempts, at least 1
     */
    public Duration after(int attempts) {
        List<Duration> waits = config.schedule();
        Duration wait = waits.get(Math.min(Math.max(attempts, 1), waits.size()) - 1);
        double factor = 1 + config.jitter() * (2 * random.nextDouble() - 1);
        return Duration.ofNanos((long) (wait.toNanos() * factor));
    }

    /**
     * Returns the wait that a reply asks for ("Greylisted, try again in 300 seconds"), within limits, or else that of the schedule.
     *
     * @param reply the server's reply, or null
     */
    public Duration after(int attempts, @Nullable String reply) {
        Duration hint = reply == null ? null : hint(reply);
        if (hint == null) {
            return after(attempts);
        }
        Duration atLeast = hint.compareTo(config.minHint()) < 0 ? config.minHint() : hint;
        return atLeast.compareTo(config.maxHint()) > 0 ? config.maxHint() : atLeast;
    }

    /** Returns the time that a 4xx reply asks to wait, or null if it names none. */
    static @Nullable Duration hint(String reply) {
        if (!reply.startsWith("4") || !ASKS.matcher(reply).find()) {
            return null;
        }
        Matcher matcher = TIME.matcher(reply);
        if (!matcher.find()) {
            return null;
        }
        long number = Long.parseLong(matcher.group(1));
        char unit = matcher.group(2).toLowerCase(Locale.ROOT).charAt(0);
        return unit == 's'
                ? Duration.ofSeconds(number)
                : unit == 'm' ? Duration.ofMinutes(number) : Duration.ofHours(number);
    }
}
