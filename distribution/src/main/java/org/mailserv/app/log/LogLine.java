package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;

/**
 * Formats a log event as one line of text. Characters that do not print become blanks, so that text from unknown clients can neither begin a
 * line nor control a terminal. It does without a pattern, because every message causes several lines. Used by one thread.
 */
public final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final int LEVEL_WIDTH = 5;

    /** The fields of a line besides the message. */
    enum Form {
        /** Local time, level and logger. */
        TEXT,
        /** A syslog priority and the logger. systemd's journal reads the priority from the beginning of the line, and adds the time. */
        JOURNAL
    }

    private final Form form;
    private final LineTime time = new LineTime(ZoneId.systemDefault());

    LogLine(Form form) {
        this.form = form;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        StringBuilder line = new StringBuilder(64 + (message == null ? 4 : message.length()));
        if (form == Form.JOURNAL) {
            line.append('<').append(priority(event.getLevel())).append('>');
        } else {
            time.append(line, event.getTimeStamp());
            line.append(' ');
        }
        if (form == Form.TEXT) {
            String level = event.getLevel().toString();
            line.append(level).append(" ".repeat(Math.max(0, LEVEL_WIDTH - level.length()) + 1));
        }
        String logger = event.getLoggerName();
        line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(' ');
        appendPrintable(line, String.valueOf(message));
        line.append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.append(ThrowableProxyUtil.asString(thrown));
        }
        return line.toString();
    }

    private static char priority(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> '3';
            case Level.WARN_INT -> '4';
            case Level.INFO_INT -> '6';
            default -> '7';
        };
    }

    /** Appends a text; each run of characters that do not print becomes a blank. */
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
