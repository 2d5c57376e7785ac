package org.mailserv.codec.testing;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings answers of services with threads of their own home to the one thread that an embedded channel can bear, and knows how many are
 * still to come. Tasks may be given from any thread.
 */
public final class Homing implements Executor {
    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final AtomicInteger awaited = new AtomicInteger();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** The same answer, given from within {@link #runAll}; one that is there already stays there. */
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

    /** Whether something is to be run, or to come. */
    public boolean isBusy() {
        return awaited.get() > 0 || !tasks.isEmpty();
    }

    /** Runs what was given and what that gives, until no answer is to come any more. */
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
