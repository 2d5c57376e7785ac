package org.mailserv.app.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.log.Logging;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when the heap is used up: what was acknowledged is on the disk, and a server that is started again serves, where one
 * that has lost a thread or half of a step may look alive for ever. {@code -XX:+ExitOnOutOfMemoryError}, which the launcher sets, does the
 * same; this is for {@code java -jar}. Sees what no thread has caught, and what is logged.
 */
public final class OutOfMemoryExit extends UnsynchronizedAppenderBase<ILoggingEvent> {
    // The JVM's own for this.
    private static final int CODE = 3;
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final IntConsumer exit;

    /** @param exit takes the exit code */
    OutOfMemoryExit(IntConsumer exit) {
        this.exit = exit;
    }

    /** Watches from now on. */
    public static void watch() {
        OutOfMemoryExit watch = new OutOfMemoryExit(Runtime.getRuntime()::halt);
        Logging.add(watch);
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            watch.look(failure);
            LoggerFactory.getLogger(OutOfMemoryExit.class)
                    .error("event=thread-died thread={}", thread.getName(), failure);
        });
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.WARN)) {
            return;
        }
        IThrowableProxy proxy = event.getThrowableProxy();
        if (proxy instanceof ThrowableProxy thrown) {
            look(thrown.getThrowable());
        }
        Object[] arguments = event.getArgumentArray();
        for (int i = 0; arguments != null && i < arguments.length; i++) {
            // Never a text: a client may say what it likes.
            if (arguments[i] instanceof Throwable failure) {
                look(failure);
            }
        }
    }

    private void look(@Nullable Throwable failure) {
        int depth = 0;
        for (Throwable each = failure; each != null && depth < 20; each = each.getCause(), depth++) {
            // Netty's own bound on buffers outside the heap: one connection fails, and all is well.
            if (each instanceof OutOfMemoryError && !(each instanceof OutOfDirectMemoryError)) {
                end(String.valueOf(each));
            }
        }
    }

    /** One line, however many threads run out of memory: those behind the first wait for the end. */
    private synchronized void end(String reason) {
        System.err.println("mailserv: " + reason + ": the process ends; give it more with -Xmx");
        // The log's threads have the reason, and write it within some milliseconds.
        LockSupport.parkNanos(GRACE_NANOS);
        exit.accept(CODE);
    }
}
