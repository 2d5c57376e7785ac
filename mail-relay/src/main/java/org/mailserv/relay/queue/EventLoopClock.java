package org.mailserv.relay.queue;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The relay's loop on a Netty event loop, which also runs its connections. */
public final class EventLoopClock implements RelayLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoopClock.class);

    private final EventLoop loop;
    private final InstantSource clock;

    public EventLoopClock(EventLoop loop, InstantSource clock) {
        this.loop = loop;
        this.clock = clock;
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void execute(Runnable task) {
        if (!loop.isShuttingDown()) {
            loop.execute(() -> run(task));
        }
    }

    @Override
    public Timer schedule(Duration wait, Runnable task) {
        Future<?> scheduled = loop.schedule(() -> run(task), Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("event=relay-task-failed", e);
        }
    }
}
