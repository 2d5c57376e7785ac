package org.mailserv.acme;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that a CA issues for this server, and its renewal, on a thread of its own. Thread-safe. The state can be read at any time
 * without blocking.
 */
public final class AcmeCertificates implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AcmeCertificates.class);
    private static final Duration AFTER_ERROR = Duration.ofMinutes(10);
    private static final int CLOSE_SECONDS = 3;

    private final AcmeServices services;
    private final ScheduledExecutorService thread;
    private volatile AcmeStatus status = AcmeStatus.starting();
    /** Confined to the thread. */
    private @Nullable CertificateUpkeep upkeep;

    private @Nullable ScheduledFuture<?> next;

    public AcmeCertificates(AcmeServices services) {
        this.services = services;
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "acme");
            created.setDaemon(true);
            return created;
        });
        executor.setRemoveOnCancelPolicy(true);
        this.thread = executor;
    }

    /** Begins the work. Returns at once. */
    public void start() {
        thread.execute(() -> step(CertificateUpkeep.Occasion.SCHEDULE));
    }

    /** Returns the present state. Never blocks. */
    public AcmeStatus status() {
        return status;
    }

    private void step(CertificateUpkeep.Occasion occasion) {
        Duration sleep = AFTER_ERROR;
        try {
            CertificateUpkeep current = upkeep;
            if (current == null) {
                current = new CertificateUpkeep(services, found -> status = found);
                upkeep = current;
            }
            sleep = current.step(occasion);
        } catch (IOException e) {
            LOG.error("event=acme-failed reason=\"{}\"", Failures.text(e));
            status = status.broken(Failures.text(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            LOG.error("event=acme-failed reason=\"unexpected\"", e);
            status = status.broken("an unexpected error, which the log shows");
        }
        schedule(sleep);
    }

    private void schedule(Duration sleep) {
        ScheduledFuture<?> planned = next;
        if (planned != null) {
            planned.cancel(false);
        }
        try {
            next = thread.schedule(
                    () -> step(CertificateUpkeep.Occasion.SCHEDULE), sleep.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("event=acme-stopped");
        }
    }

    /** Requests a certificate now, and returns the state after it. Blocks for at most {@code patience}. */
    public AcmeStatus renew(Duration patience) {
        return run(CertificateUpkeep.Occasion.RENEW, patience);
    }

    /**
     * Begins a change of the key, and returns the state after it. Blocks for at most {@code patience}.
     *
     * @param now whether the key changes without regard to TLSA records
     */
    public AcmeStatus rollOver(boolean now, Duration patience) {
        return run(now ? CertificateUpkeep.Occasion.ROLLOVER_NOW : CertificateUpkeep.Occasion.ROLLOVER, patience);
    }

    private AcmeStatus run(CertificateUpkeep.Occasion occasion, Duration patience) {
        try {
            Future<?> task = thread.submit(() -> step(occasion));
            task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return status.with(AcmeStatus.Phase.WORKING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            LOG.debug("event=acme-stopped");
        }
        return status;
    }

    /** Stops the work. An attempt that is under way counts as failed. Blocks for some seconds at most. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
