package org.mailserv.app.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.Flushable;
import java.io.PrintStream;
import java.util.function.Supplier;

/** Standard output or standard error: events together, in one write when it is flushed. Used by one thread. */
public final class Console extends UnsynchronizedAppenderBase<ILoggingEvent> implements Flushable {
    private static final int MOST = 64 * 1024;

    private final Supplier<PrintStream> target;
    private final Encoder<ILoggingEvent> encoder;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(1024);

    /** @param target as it is when something is written: it may be another one by then */
    Console(Supplier<PrintStream> target, Encoder<ILoggingEvent> encoder) {
        this.target = target;
        this.encoder = encoder;
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.writeBytes(encoder.encode(event));
        if (lines.size() >= MOST) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (lines.size() > 0) {
            PrintStream stream = target.get();
            stream.write(lines.toByteArray(), 0, lines.size());
            stream.flush();
            lines.reset();
        }
    }

    @Override
    public void stop() {
        super.stop();
        flush();
    }
}
