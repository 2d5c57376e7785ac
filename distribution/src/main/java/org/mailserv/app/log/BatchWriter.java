package org.mailserv.app.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes items on a separate thread, so that a slow disk or terminal never blocks a session. An item that does not fit into the queue is
 * dropped; when less than a fifth of its room is left, only important items are taken. The first item after a quiet moment is written at
 * once, and then all that arrived within {@link #NAP_NANOS} together, because waking a thread for each line would cost more than its text.
 * Thread-safe.
 */
final class BatchWriter<T> {
    private static final int QUEUE = 8192;
    private static final int FIFTH = QUEUE / 5;
    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long STOP_MILLIS = 1_000;

    private final BlockingQueue<T> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final Target<T> target;
    private final Thread writer;
    private volatile boolean started;

    /** The destination of the items. Used by the writer's thread only. */
    interface Target<T> {
        /** Writes an item. May keep it in a buffer until {@link #flush}. */
        void write(T item);

        /** Writes what is in the buffer. */
        void flush();

        /** Closes the destination. Called once, after the last item. */
        void close();
    }

    /** @param name the name of the thread */
    BatchWriter(String name, Target<T> target) {
        this.target = target;
        writer = new Thread(this::run, name);
        writer.setDaemon(true);
    }

    void start() {
        started = true;
        writer.start();
    }

    /** Returns whether an item of this importance has room at the moment. */
    boolean hasRoom(boolean important) {
        return important || queue.remainingCapacity() >= FIFTH;
    }

    /** Hands an item to the thread, or drops it when there is no room. Never blocks. */
    void offer(T item) {
        if (queue.offer(item) && asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        try {
            writeAll();
        } finally {
            // Here, and not in stop: a destination that hangs would hang the caller of stop too.
            target.close();
        }
    }

    private void writeAll() {
        List<T> taken = new ArrayList<>();
        while (started || !queue.isEmpty()) {
            queue.drainTo(taken);
            if (taken.isEmpty()) {
                sleep();
            } else {
                taken.forEach(target::write);
                target.flush();
                taken.clear();
                if (started) {
                    LockSupport.parkNanos(this, NAP_NANOS);
                }
            }
        }
    }

    private void sleep() {
        asleep.set(true);
        if (queue.isEmpty() && started) {
            LockSupport.park(this);
        }
        asleep.set(false);
    }

    /** Writes the items in the queue, for at most a second, and ends the thread. Blocks. */
    void stop() {
        if (!started) {
            return;
        }
        started = false;
        LockSupport.unpark(writer);
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
