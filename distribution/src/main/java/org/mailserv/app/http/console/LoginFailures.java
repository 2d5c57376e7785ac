package org.mailserv.app.http.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Failed logins of the last minute, by name: after ten, no login with the name is accepted for the rest of it. Thread-safe. */
final class LoginFailures {
    private static final int MAX_FAILURES = 10;
    private static final int MAX_NAMES = 1_000;

    private final Cache<String, AtomicInteger> failures = Caffeine.newBuilder()
            .maximumSize(MAX_NAMES)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    boolean isLocked(String name) {
        AtomicInteger count = failures.getIfPresent(name);
        return count != null && count.get() >= MAX_FAILURES;
    }

    void add(String name) {
        failures.get(name, key -> new AtomicInteger()).incrementAndGet();
    }
}
