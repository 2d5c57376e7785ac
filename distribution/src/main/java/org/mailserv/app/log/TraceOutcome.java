package org.mailserv.app.log;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The result of a delivery that a line of the message trace tells. */
public enum TraceOutcome {
    /** The line tells something else. */
    NONE,
    DELIVERED,
    DEFERRED,
    /** A server refused the message for good, or its time in the queue is over. */
    FAILED;

    // The format of the trace: a time, and the event as EventText renders it.
    private static final Pattern EVENT = Pattern.compile("\\S+ event=(\\S+) .*");

    /** Returns the outcome of a line that {@link MessageTrace#find} returned. */
    public static TraceOutcome of(String line) {
        Matcher matcher = EVENT.matcher(line);
        if (!matcher.matches()) {
            return NONE;
        }
        return switch (matcher.group(1)) {
            case EventText.DELIVERED -> DELIVERED;
            case EventText.DEFERRED -> DEFERRED;
            case EventText.REFUSED, EventText.EXPIRED -> FAILED;
            default -> NONE;
        };
    }
}
