package org.mailserv.server.sasl;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailserv.server.store.SharedCounts;

/**
 * Delays the reply to a failed login, and locks out addresses with too many failures. Failures at other nodes count too, within periods of the
 * lockout time; a success forgives those at this node. Memory use is bounded.
 */
public final class LoginThrottle implements LoginGuard {
    private static final int MAX_TRACKED = 50_000;

    private final ScheduledExecutorService timers;
    private final Duration delay;
    private final int maxFailures;
    private final long lockoutSeconds;
    private final SharedCounts shared;
    private final Cache<String, AtomicInteger> failures;
    private final Cache<String, Long> lastLogins =
            Caffeine.newBuilder().maximumSize(MAX_TRACKED).build();

    /**
     * @param timers schedules the delays
     * @param delay delay before the reply to a failed login
     * @param maxFailures maximum number of failures per address within the lockout time
     * @param lockout time until an address may log in again after its last failure
     * @param shared the failures at other nodes
     */
    public LoginThrottle(
            ScheduledExecutorService timers, Duration delay, int maxFailures, Duration lockout, SharedCounts shared) {
        this.timers = timers;
        this.delay = delay;
        this.maxFailures = maxFailures;
        this.lockoutSeconds = Math.max(1, lockout.toSeconds());
        this.shared = shared;
        this.failures = Caffeine.newBuilder()
                .maximumSize(MAX_TRACKED)
                .expireAfterWrite(lockout)
                .build();
    }

    @Override
    public boolean mayTry(String address, String login) {
        AtomicInteger count = failures.getIfPresent(address);
        int own = count == null ? 0 : count.get();
        return own < maxFailures && own + elsewhere(address, own) < maxFailures;
    }

    private long elsewhere(String address, int own) {
        long period = Instant.now().getEpochSecond() / lockoutSeconds;
        return shared.others(SharedCounts.Kind.LOGIN_FAILURES, address, period, own);
    }

    @Override
    public CompletionStage<Void> failed(String address, String login) {
        AtomicInteger count = failures.get(address, key -> new AtomicInteger());
        int own = count.incrementAndGet();
        failures.put(address, count);
        elsewhere(address, own);
        CompletableFuture<Void> told = new CompletableFuture<>();
        timers.schedule(() -> told.complete(null), delay.toMillis(), TimeUnit.MILLISECONDS);
        return told;
    }

    @Override
    public void succeeded(String address, String login) {
        failures.invalidate(address);
        elsewhere(address, 0);
    }

    @Override
    public boolean loginDelayOver(String mailbox, Duration least) {
        if (least.isZero()) {
            return true;
        }
        long now = System.nanoTime();
        Long last = lastLogins.getIfPresent(mailbox);
        boolean over = last == null || now - last >= least.toNanos();
        if (over) {
            lastLogins.put(mailbox, now);
        }
        return over;
    }
}
