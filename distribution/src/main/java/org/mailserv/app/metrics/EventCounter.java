package org.mailserv.app.metrics;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Counts the events of the log by their names, which are the program's own and few. Any thread. */
public final class EventCounter extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final String PREFIX = "event=";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+){0,9}");
    private static final int MOST_NAMES = 500;

    private final ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();
    // A pattern is a constant, whose hash is known: no name has to be cut out of it again.
    private final ConcurrentHashMap<String, LongAdder> byPattern = new ConcurrentHashMap<>();

    @Override
    protected void append(ILoggingEvent event) {
        // The pattern, not the message: what clients say must never become a name.
        String pattern = event.getMessage();
        if (pattern == null || !pattern.startsWith(PREFIX) || !event.getLevel().isGreaterOrEqual(Level.INFO)) {
            return;
        }
        LongAdder known = byPattern.get(pattern);
        if (known != null) {
            known.increment();
            return;
        }
        int end = pattern.indexOf(' ');
        String name = pattern.substring(PREFIX.length(), end < 0 ? pattern.length() : end);
        boolean fixed = !name.contains("{}");
        if (!fixed) {
            name = filled(name, event.getArgumentArray());
        }
        LongAdder count = counts.get(name);
        if (count == null && counts.size() < MOST_NAMES) {
            count = counts.computeIfAbsent(name, key -> new LongAdder());
        }
        if (count != null) {
            count.increment();
            if (fixed && byPattern.size() < MOST_NAMES) {
                byPattern.put(pattern, count);
            }
        }
    }

    /** Fills the name of an event that is a pattern. Only what looks like the name of an event becomes one. */
    private static String filled(String pattern, Object @Nullable [] arguments) {
        String name = pattern;
        for (Object argument : arguments == null ? new Object[0] : arguments) {
            name = name.replaceFirst("\\{}", Matcher.quoteReplacement(String.valueOf(argument)));
        }
        return NAME.matcher(name).matches() ? name : "other";
    }

    /** By name, in order. */
    Map<String, Long> counts() {
        Map<String, Long> sorted = new TreeMap<>();
        counts.forEach((name, count) -> sorted.put(name, count.sum()));
        return sorted;
    }
}
