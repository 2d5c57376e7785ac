package org.mailserv.app.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;

/** The messages of a spool that no relay works on, gathered in their order of arrival. Thread-safe. */
final class ArrivedMessages implements QueueListener {
    private final List<QueuedMessage> messages = new ArrayList<>();

    private ArrivedMessages() {}

    /** Starts a spool and returns all its messages. Blocks. */
    static List<QueuedMessage> of(Spool spool) throws SpoolException {
        return start(spool).all();
    }

    /** Starts a spool and waits for its messages. More may arrive in a store that servers share. Blocks. */
    static ArrivedMessages start(Spool spool) throws SpoolException {
        ArrivedMessages arrived = new ArrivedMessages();
        spool.start(arrived);
        try {
            spool.queueRead().toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SpoolException failure) {
                throw failure;
            }
            throw new SpoolException(SpoolException.Reason.IO_ERROR, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SpoolException(SpoolException.Reason.CLOSED, "interrupted", e);
        }
        return arrived;
    }

    /** Returns the messages that are there now. */
    synchronized List<QueuedMessage> all() {
        return List.copyOf(messages);
    }

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
    public void pause() {
        // Nothing is sent from here.
    }

    @Override
    public void resume() {
        // Nothing is sent from here.
    }

    @Override
    public CompletionStage<?> taken() {
        return CompletableFuture.completedFuture(null);
    }
}
