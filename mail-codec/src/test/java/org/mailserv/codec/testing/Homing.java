package org.mailserv.codec.testing;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Transfers answers from services with their own threads to the single thread that an embedded channel supports, and
 * counts the pending ones. Tasks may be submitted from any thread.
 */
public final class Homing implements Executor {
    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final AtomicInteger awaited = new AtomicInteger();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /**
     * Returns a stage that completes with the same answer within {@link #runAll}. A completed stage is returned as it
     * is.
     */
    public <T> CompletionStage<T> home(CompletionStage<T> stage) {
        if (stage.toCompletableFuture().isDone()) {
            return stage;
        }
        awaited.incrementAndGet();
        CompletableFuture<T> answer = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> tasks.add(() -> {
            awaited.decrementAndGet();
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        }));
        return answer;
    }

    /** Returns whether tasks or answers are pending. */
    public boolean isBusy() {
        return awaited.get() > 0 || !tasks.isEmpty();
    }

    /** Runs submitted tasks, and those they submit, until no answer is pending. */
    public void runAll() {
        try {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Runnable next() throws InterruptedException {
        Runnable task = tasks.poll();
        if (task == null && awaited.get() > 0) {
            task = tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (task == null) {
                throw new IllegalStateException("answers to come: " + awaited.get() + " (expected: 0)");
            }
        }
        return task;
    }
}
