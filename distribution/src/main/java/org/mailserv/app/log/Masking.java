package org.mailserv.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.Flushable;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hands log lines on with the local parts of mail addresses hidden but for their first letter: {@code j***@example.org}. Used by one thread. */
public final class Masking extends UnsynchronizedAppenderBase<ILoggingEvent> implements Flushable {
    private static final Pattern ADDRESS = Pattern.compile(
            "([A-Za-z0-9!#$%&'*+/=?^_`{|}~.\\x80-\\uffff-])([A-Za-z0-9!#$%&'*+/=?^_`{|}~.\\x80-\\uffff-]*)@"
                    + "(?=[A-Za-z0-9\\x80-\\uffff\\[])");
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"@");

    private final Appender<ILoggingEvent> behind;

    Masking(Appender<ILoggingEvent> behind) {
        this.behind = behind;
    }

    @Override
    protected void append(ILoggingEvent event) {
        LoggingEvent masked = new LoggingEvent();
        masked.setLoggerName(event.getLoggerName());
        masked.setThreadName(event.getThreadName());
        masked.setLevel(event.getLevel());
        masked.setTimeStamp(event.getTimeStamp());
        masked.setLoggerContextRemoteView(event.getLoggerContextVO());
        masked.setMDCPropertyMap(event.getMDCPropertyMap());
        masked.setMessage(mask(event.getFormattedMessage()));
        if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
            masked.setThrowableProxy(proxy);
        }
        behind.doAppend(masked);
    }

    /** A text without the local parts of addresses. */
    public static String mask(String text) {
        if (text.indexOf('@') < 0) {
            return text;
        }
        // field=value lines: what stands before the address is not part of it.
        String quoted = QUOTED.matcher(text).replaceAll("\"***\"@");
        StringBuilder masked = new StringBuilder(quoted.length());
        Matcher matcher = ADDRESS.matcher(quoted);
        int done = 0;
        while (matcher.find()) {
            String local = matcher.group(1) + matcher.group(2);
            int start = local.lastIndexOf('=') + 1;
            masked.append(quoted, done, matcher.start() + start);
            masked.append(local.length() > start ? local.substring(start, start + 1) : "")
                    .append("***@");
            done = matcher.end();
        }
        return masked.append(quoted.substring(done)).toString();
    }

    @Override
    public void flush() throws IOException {
        if (behind instanceof Flushable target) {
            target.flush();
        }
    }

    @Override
    public void stop() {
        behind.stop();
        super.stop();
    }
}
