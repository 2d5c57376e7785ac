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
 * Threads for file operations. Tasks with the same key run in one lane, in order, so that appends need no lock. The queue of a lane is
 * bounded: a full lane throws {@link RejectedExecutionException}, which an SMTP client sees as a 451 reply.
 */
public final class DiskLanes implements AutoCloseable {
    private final List<ThreadPoolExecutor> lanes = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param name prefix of the threads' names
     * @param count number of lanes, at least 1
     * @param queueLength tasks that may wait in one lane
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

    /** Returns the lane of a key. */
    public Executor lane(Object key) {
        return lanes.get(Math.floorMod(key.hashCode(), lanes.size()));
    }

    /** Returns the lanes in turn, for tasks without an order. */
    public Executor any() {
        return lanes.get(Math.floorMod(next.getAndIncrement(), lanes.size()));
    }

    /** Waits at most 30 seconds for the accepted tasks to finish. Blocks. */
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
