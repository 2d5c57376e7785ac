package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Repeats requests that may be repeated, until they succeed. On the loop. */
final class Repeat {
    private final ClusterLoop loop;
    private final Duration again;
    private final BooleanSupplier wanted;

    /**
     * @param again between the end of an attempt and the next one
     * @param wanted asked before each attempt; false ends the repetition
     */
    Repeat(ClusterLoop loop, Duration again, BooleanSupplier wanted) {
        this.loop = loop;
        this.again = again;
        this.wanted = wanted;
    }

    /** Repeats a request. The stage fails with {@link CancellationException} once it is no longer wanted, and with nothing else. */
    <T> CompletableFuture<T> until(Supplier<? extends CompletionStage<T>> request) {
        return attempts(Integer.MAX_VALUE, request);
    }

    /** Makes up to a number of attempts. The stage fails as the last one. */
    <T> CompletableFuture<T> attempts(int most, Supplier<? extends CompletionStage<T>> request) {
        CompletableFuture<T> done = new CompletableFuture<>();
        attempt(most, request, done);
        return done;
    }

    /** Returns the failure without the exceptions that stages put around it. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private <T> void attempt(int left, Supplier<? extends CompletionStage<T>> request, CompletableFuture<T> done) {
        if (!wanted.getAsBoolean()) {
            done.completeExceptionally(new CancellationException("no longer wanted"));
            return;
        }
        loop.whenDone(request.get(), (result, failure) -> {
            if (failure == null) {
                done.complete(result);
            } else if (left <= 1 || failure instanceof CancellationException) {
                done.completeExceptionally(failure);
            } else {
                loop.schedule(again, () -> attempt(left == Integer.MAX_VALUE ? left : left - 1, request, done));
            }
        });
    }
}
