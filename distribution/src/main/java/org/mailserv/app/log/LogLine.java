package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * An event as a line of text. A line stays a line, and no terminal obeys it, whatever strangers said: all but what prints becomes a blank.
 * Made by hand, because every message has several of them. Used by one thread.
 */
public final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.");
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("XXX");
    private static final int LEVEL_WIDTH = 5;

    /** The fields of a line besides the message. */
    enum Form {
        /** Time here, level and who says it. */
        TEXT,
        /** A priority of syslog and who says it: systemd's journal takes the one from the front of the line, and knows the time. */
        JOURNAL,
        /** Time in UTC alone: the story of a message. */
        STORY
    }

    private final Form form;
    private final ZoneId zone;
    private long second = Long.MIN_VALUE;
    private String date = "";
    private String offset = "";

    LogLine(Form form) {
        this.form = form;
        this.zone = form == Form.STORY ? ZoneOffset.UTC : ZoneId.systemDefault();
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        StringBuilder line = new StringBuilder(64 + (message == null ? 4 : message.length()));
        if (form == Form.JOURNAL) {
            line.append('<').append(priority(event.getLevel())).append('>');
        } else {
            appendTime(line, event.getTimeStamp());
            line.append(' ');
        }
        if (form == Form.TEXT) {
            String level = event.getLevel().toString();
            line.append(level).append(" ".repeat(Math.max(0, LEVEL_WIDTH - level.length()) + 1));
        }
        if (form != Form.STORY) {
            String logger = event.getLoggerName();
            line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(' ');
        }
        appendPrintable(line, String.valueOf(message));
        line.append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null && form != Form.STORY) {
            line.append(ThrowableProxyUtil.asString(thrown));
        }
        return line.toString();
    }

    private void appendTime(StringBuilder line, long millis) {
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

    private static char priority(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> '3';
            case Level.WARN_INT -> '4';
            case Level.INFO_INT -> '6';
            default -> '7';
        };
    }

    static void appendPrintable(StringBuilder line, String text) {
        boolean blanked = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean prints = c >= ' ' && c <= '~' || c >= 0xA0;
            if (prints) {
                line.append(c);
            } else if (!blanked) {
                line.append(' ');
            }
            blanked = !prints;
        }
    }
}
