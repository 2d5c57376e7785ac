package org.mailserv.server.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;

/** A queue that sends nothing and remembers what a spool has told it. Thread-safe. */
public final class CollectingQueue implements QueueListener {
    private final List<QueuedMessage> messages = new ArrayList<>();
    private boolean paused;

    @Override
    public synchronized void arrived(QueuedMessage message) {
        messages.add(message);
    }

    @Override
    public synchronized CompletionStage<Void> lost(Predicate<QueueId> some) {
        messages.removeIf(message -> some.test(message.id()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void pause() {
        paused = true;
    }

    @Override
    public synchronized void resume() {
        paused = false;
    }

    @Override
    public CompletionStage<?> taken() {
        return CompletableFuture.completedFuture(null);
    }

    /** Returns the messages that have arrived and are not lost, oldest first. */
    public synchronized List<QueuedMessage> messages() {
        return List.copyOf(messages);
    }

    public synchronized boolean isPaused() {
        return paused;
    }
}
