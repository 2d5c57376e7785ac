package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.net.SyslogAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.FilterReply;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.mailserv.app.config.LogSettings;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.text.Failures;
import org.slf4j.LoggerFactory;

/** Configures the log. Separate threads write it. */
public final class Logging {
    // As in LogLine.
    private static final String SYSLOG = "mailserv: %logger{0} %replace(%msg){'[^ -~\u00a0-\uDBFF\uDFFF]+', ' '}";
    private static final int SYSLOG_PORT = 514;

    private final LoggerContext context;
    private final LogSettings settings;

    private Logging(LoggerContext context, LogSettings settings) {
        this.context = context;
        this.settings = settings;
    }

    /** Takes the settings over. Blocks a moment. */
    public static void apply(LogSettings settings) throws StartupException {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            new Logging(context, settings).apply();
        }
    }

    /** Adds one that looks at everything from now on. */
    public static void add(Appender<ILoggingEvent> appender) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            appender.setContext(context);
            appender.start();
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        }
    }

    private void apply() throws StartupException {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Appender<ILoggingEvent> file = settings.file() == null ? null : async("file", file(settings.file()));
        root.detachAndStopAllAppenders();
        Level wanted = Level.toLevel(settings.level().name());
        root.setLevel(wanted);
        // The ACME library tells at INFO that it repeats a request, which is part of the protocol.
        context.getLogger("org.shredzone.acme4j").setLevel(wanted.isGreaterOrEqual(Level.INFO) ? Level.WARN : wanted);
        context.getLogger("com.datastax").setLevel(wanted.isGreaterOrEqual(Level.INFO) ? Level.WARN : wanted);
        if (file != null) {
            root.addAppender(file);
        }
        String server = settings.syslog();
        if (server != null) {
            root.addAppender(async("syslog", syslog(server)));
        }
        if (settings.console()) {
            Console out = console(() -> System.out);
            if (settings.errorsToStderr()) {
                out.addFilter(calm());
                Console errors = console(() -> System.err);
                ThresholdFilter loud = new ThresholdFilter();
                loud.setLevel("WARN");
                loud.start();
                errors.addFilter(loud);
                errors.start();
                root.addAppender(async("stderr", errors));
            }
            out.start();
            root.addAppender(async("stdout", out));
        }
    }

    /** A syslog server, by UDP. */
    private SyslogAppender syslog(String address) throws StartupException {
        int colon = address.lastIndexOf(':');
        boolean hasPort = colon > 0 && address.indexOf(':') == colon;
        SyslogAppender syslog = new SyslogAppender();
        syslog.setContext(context);
        syslog.setSyslogHost(hasPort ? address.substring(0, colon) : address);
        try {
            syslog.setPort(hasPort ? Integer.parseInt(address.substring(colon + 1)) : SYSLOG_PORT);
        } catch (NumberFormatException e) {
            throw new StartupException("log.syslog " + address + ": no port (expected: HOST or HOST:PORT)", e);
        }
        syslog.setFacility("MAIL");
        syslog.setSuffixPattern(SYSLOG);
        syslog.setThrowableExcluded(true);
        syslog.start();
        return syslog;
    }

    private static Masking masked(Appender<ILoggingEvent> behind) {
        Masking masking = new Masking(behind);
        masking.setContext(behind.getContext());
        masking.start();
        return masking;
    }

    private static Filter<ILoggingEvent> calm() {
        Filter<ILoggingEvent> filter = new Filter<>() {
            @Override
            public FilterReply decide(ILoggingEvent event) {
                return event.getLevel().isGreaterOrEqual(Level.WARN) ? FilterReply.DENY : FilterReply.NEUTRAL;
            }
        };
        filter.start();
        return filter;
    }

    private Console console(Supplier<PrintStream> target) {
        Console console = new Console(target, encoder());
        console.setContext(context);
        return console;
    }

    private Appender<ILoggingEvent> file(Path path) throws StartupException {
        Path absolute = path.toAbsolutePath();
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            if (Files.exists(absolute) && !Files.isWritable(absolute)) {
                throw new IOException("may not be written by " + System.getProperty("user.name"));
            }
        } catch (IOException e) {
            throw new StartupException("log.file " + absolute + ": " + Failures.text(e), e);
        }
        LogFile file = new LogFile();
        file.setFile(absolute.toString());
        prepare(file);
        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy() {
            @Override
            protected int getMaxWindowSize() {
                return 1000;
            }
        };
        rolling.setContext(context);
        rolling.setParent(file);
        rolling.setFileNamePattern(absolute + ".%i");
        rolling.setMinIndex(1);
        rolling.setMaxIndex(Math.max(1, settings.keep()));
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(settings.maxSize()));
        size.start();
        file.setRollingPolicy(rolling);
        file.setTriggeringPolicy(size);
        file.start();
        if (!file.isStarted()) {
            throw new StartupException("log.file " + absolute + ": cannot be opened");
        }
        return file;
    }

    private void prepare(OutputStreamAppender<ILoggingEvent> appender) {
        appender.setContext(context);
        appender.setEncoder(encoder());
    }

    private Encoder<ILoggingEvent> encoder() {
        if (settings.format() == LogSettings.Format.JSON) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(context);
            json.setWithFormattedMessage(true);
            json.setWithMessage(false);
            json.setWithArguments(false);
            json.setWithContext(false);
            json.start();
            return json;
        }
        return lines(
                context, settings.format() == LogSettings.Format.JOURNAL ? LogLine.Form.JOURNAL : LogLine.Form.TEXT);
    }

    static Encoder<ILoggingEvent> lines(LoggerContext context, LogLine.Form form) {
        LogLine line = new LogLine(form);
        line.setContext(context);
        line.start();
        LayoutWrappingEncoder<ILoggingEvent> text = new LayoutWrappingEncoder<>();
        text.setContext(context);
        text.setCharset(StandardCharsets.UTF_8);
        text.setLayout(line);
        text.start();
        return text;
    }

    private LogWriter async(String name, Appender<ILoggingEvent> behind) {
        LogWriter writer = new LogWriter(context, name, settings.maskAddresses() ? masked(behind) : behind);
        writer.start();
        return writer;
    }
}
