package org.mailserv.server.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that the state of a node of a cluster is confined to, and its clocks. Tasks run one at a time, in the order in which they were
 * given.
 */
public interface ClusterLoop extends Executor {
    /** A task that was scheduled. */
    interface Timer {
        /** Forgets the task, if it has not begun. */
        void cancel();
    }

    /** Runs a task after a delay, on the loop. */
    Timer schedule(Duration delay, Runnable task);

    /** Returns the time of the monotonic clock in nanoseconds. Differences alone have a meaning. */
    long nanoTime();

    /** Returns the time of the wall clock, which may jump. */
    Instant wallTime();

    /** Returns a stage that completes as another does, on the loop. Failures arrive without a {@link CompletionException} around them. */
    default <T> CompletableFuture<T> here(CompletionStage<T> stage) {
        CompletableFuture<T> here = new CompletableFuture<>();
        whenDone(stage, (result, failure) -> {
            if (failure == null) {
                here.complete(result);
            } else {
                here.completeExceptionally(failure);
            }
        });
        return here;
    }

    /** Runs an action on the loop when a stage is complete. The failure arrives without a {@link CompletionException} around it. */
    default <T> void whenDone(CompletionStage<T> stage, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        stage.whenComplete((result, failure) -> {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            execute(() -> action.accept(result, cause));
        });
    }
}
