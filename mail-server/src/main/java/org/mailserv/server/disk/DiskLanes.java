package org.mailserv.server.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for work on files. Work for one key runs in one lane, in the order it was given, so that appends need no lock. Each lane has a
 * bounded queue: a full one refuses with {@link RejectedExecutionException}, which a client sees as 451.
 */
public final class DiskLanes implements AutoCloseable {
    private final List<ThreadPoolExecutor> lanes = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param name of the threads
     * @param count lanes, 1 or more
     * @param queueLength most tasks that wait in one lane
     */
    public DiskLanes(String name, int count, int queueLength) {
        for (int i = 0; i < count; i++) {
            int number = i;
            ThreadPoolExecutor lane =
                    new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueLength), task -> {
                        Thread thread = new Thread(task, name + "-" + number);
                        thread.setDaemon(true);
                        return thread;
                    });
            lanes.add(lane);
        }
    }

    /** The lane of a key. */
    public Executor lane(Object key) {
        return lanes.get(Math.floorMod(key.hashCode(), lanes.size()));
    }

    /** Any lane, in turn: for work without an order. */
    public Executor any() {
        return lanes.get(Math.floorMod(next.getAndIncrement(), lanes.size()));
    }

    /** Lets what was given finish, for 30 seconds at most. Blocks. */
    @Override
    public void close() {
        lanes.forEach(ThreadPoolExecutor::shutdown);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try {
            for (ThreadPoolExecutor lane : lanes) {
                if (!lane.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    lane.shutdownNow();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
