package org.mailserv.server.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailserv.server.sasl.LoginGuard;

/** Lets everybody try a hundred times, and tells at once. */
public final class OpenGuard implements LoginGuard {
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    public boolean mayTry(String address, String login) {
        return failures.get() < 100;
    }

    @Override
    public CompletionStage<Void> failed(String address, String login) {
        failures.incrementAndGet();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void succeeded(String address, String login) {
        failures.set(0);
    }

    @Override
    public boolean loginDelayOver(String mailbox, Duration delay) {
        return true;
    }
}
