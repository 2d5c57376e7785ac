package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.Flushable;
import java.io.IOException;

/** Passes log events to an appender on a separate thread. Warnings and errors are important, as {@link BatchWriter} knows it. Thread-safe. */
public final class LogWriter extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final BatchWriter<ILoggingEvent> writer;

    /** @param target takes the events; if it can be flushed, it is flushed after all that arrived together */
    LogWriter(LoggerContext context, String name, Appender<ILoggingEvent> target) {
        setContext(context);
        setName(name);
        writer = new BatchWriter<>("log-" + name, new Target(target));
    }

    private final class Target implements BatchWriter.Target<ILoggingEvent> {
        private final Appender<ILoggingEvent> appender;

        Target(Appender<ILoggingEvent> appender) {
            this.appender = appender;
        }

        @Override
        public void write(ILoggingEvent event) {
            appender.doAppend(event);
        }

        @Override
        public void flush() {
            if (appender instanceof Flushable flushable) {
                try {
                    flushable.flush();
                } catch (IOException e) {
                    addError("log lines are lost: " + e);
                }
            }
        }

        @Override
        public void close() {
            appender.stop();
        }
    }

    @Override
    public void start() {
        super.start();
        writer.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (writer.hasRoom(event.getLevel().isGreaterOrEqual(Level.WARN))) {
            // The arguments may change before the event is written.
            event.prepareForDeferredProcessing();
            writer.offer(event);
        }
    }

    /** Writes the events in the queue, for at most a second. Blocks. */
    @Override
    public void stop() {
        if (isStarted()) {
            super.stop();
            writer.stop();
        }
    }
}
