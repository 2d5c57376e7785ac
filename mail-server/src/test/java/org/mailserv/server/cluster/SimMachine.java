package org.mailserv.server.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** A process on a machine: its loop and its clocks. It can be paused, its machine can sleep, and it can die. */
final class SimMachine implements ClusterLoop {
    private final SimWorld world;
    private final long skewMillis;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean scheduled;
    private long pausedUntil;
    /** Microseconds that the monotonic clock stood still. */
    private long slept;

    private boolean dead;

    SimMachine(SimWorld world) {
        this.world = world;
        this.skewMillis = world.random.nextInt(3000) - 1500;
    }

    boolean isDead() {
        return dead;
    }

    boolean isPaused() {
        return pausedUntil > world.now();
    }

    long pausedUntil() {
        return pausedUntil;
    }

    void kill() {
        dead = true;
        waiting.clear();
    }

    /** @param sleep whether the monotonic clock stands still meanwhile */
    void pause(long micros, boolean sleep) {
        if (!isPaused()) {
            pausedUntil = world.now() + micros;
            if (sleep) {
                slept += micros;
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        if (!dead) {
            waiting.add(task);
            run();
        }
    }

    private void run() {
        if (!scheduled && !waiting.isEmpty()) {
            scheduled = true;
            world.at(Math.max(world.now(), pausedUntil), this::next);
        }
    }

    private void next() {
        scheduled = false;
        if (dead) {
            return;
        } else if (!isPaused()) {
            waiting.remove().run();
        }
        run();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        boolean[] cancelled = new boolean[1];
        world.in(
                delay.toNanos() / 1000,
                () -> execute(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                }));
        return () -> cancelled[0] = true;
    }

    @Override
    public long nanoTime() {
        return (world.now() - (isPaused() ? 0 : slept)) * 1000;
    }

    @Override
    public Instant wallTime() {
        return Instant.ofEpochMilli(world.millis() + skewMillis);
    }
}
