package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.Flushable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Passes events to an appender on a separate thread, so that a slow disk or terminal never blocks a session. What does not fit into the
 * queue is dropped; below a fifth of its room, all but warnings and errors are. The first line after a quiet moment is written at once,
 * and then all that came in {@link #NAP_NANOS} together: to wake a thread for each line would cost more than its text. Any thread.
 */
public final class LogWriter extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final int QUEUE = 8192;
    private static final int FIFTH = QUEUE / 5;
    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long STOP_MILLIS = 1_000;

    private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final Appender<ILoggingEvent> behind;
    private final Thread writer;

    /** @param behind takes the events; where it can be flushed, that is done behind all that came together */
    LogWriter(LoggerContext context, String name, Appender<ILoggingEvent> behind) {
        this.behind = behind;
        setContext(context);
        setName(name);
        writer = new Thread(this::run, "log-" + name);
        writer.setDaemon(true);
    }

    @Override
    public void start() {
        super.start();
        writer.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (queue.remainingCapacity() < FIFTH && !event.getLevel().isGreaterOrEqual(Level.WARN)) {
            return;
        }
        // What it refers to may change before it is written.
        event.prepareForDeferredProcessing();
        if (queue.offer(event) && asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        try {
            writeAll();
        } finally {
            // Here, and not by whoever stops this: a target that stands still would hold him up for ever.
            behind.stop();
        }
    }

    private void writeAll() {
        List<ILoggingEvent> taken = new ArrayList<>();
        while (isStarted() || !queue.isEmpty()) {
            queue.drainTo(taken);
            if (taken.isEmpty()) {
                sleep();
            } else {
                write(taken);
                taken.clear();
                if (isStarted()) {
                    LockSupport.parkNanos(this, NAP_NANOS);
                }
            }
        }
    }

    /** Until somebody has something. */
    private void sleep() {
        asleep.set(true);
        if (queue.isEmpty() && isStarted()) {
            LockSupport.park(this);
        }
        asleep.set(false);
    }

    private void write(List<ILoggingEvent> events) {
        for (ILoggingEvent event : events) {
            behind.doAppend(event);
        }
        if (behind instanceof Flushable target) {
            try {
                target.flush();
            } catch (IOException e) {
                addError("log lines are lost: " + e);
            }
        }
    }

    /** Writes what waits, a second long at most. Blocks. */
    @Override
    public void stop() {
        if (!isStarted()) {
            return;
        }
        super.stop();
        LockSupport.unpark(writer);
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
