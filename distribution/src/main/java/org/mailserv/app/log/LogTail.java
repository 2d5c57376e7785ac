package org.mailserv.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last lines of the log, for people who look at the admin page. Any thread. */
public final class LogTail extends AppenderBase<ILoggingEvent> {
    private static final int LINES = 200;
    private static final int LONGEST = 500;

    private final Deque<String> lines = new ArrayDeque<>();

    @Override
    protected void append(ILoggingEvent event) {
        String text = event.getFormattedMessage().replaceAll("[\\r\\n]+", " ");
        String line = Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.SECONDS) + " "
                + event.getLevel() + " " + (text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text);
        synchronized (lines) {
            lines.add(line);
            if (lines.size() > LINES) {
                lines.poll();
            }
        }
    }

    /** Oldest first. */
    public List<String> lines() {
        synchronized (lines) {
            return new ArrayList<>(lines);
        }
    }
}
