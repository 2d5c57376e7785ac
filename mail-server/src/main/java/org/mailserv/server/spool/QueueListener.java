package org.mailserv.server.spool;

import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Receives changes of the queue from the spool: messages that this server has to try from now on, and messages that another one has taken
 * over. Any thread may call the methods, and they return at once.
 */
public interface QueueListener {
    /**
     * Takes over a message with recipients left: one of an earlier run, one that its mailbox's disk has lost, or one that another node had.
     * A known message changes nothing.
     */
    void arrived(QueuedMessage message);

    /**
     * Drops messages that belong to another node, or soon will. None of them is begun any more.
     *
     * @param some selects the messages; called on the queue's own thread
     * @return completes when none of them is in progress any more; does not fail
     */
    CompletionStage<Void> lost(Predicate<QueueId> some);

    /**
     * Begins nothing until {@link #resume}, because it is not certain that the queue still belongs to this node. Deliveries in progress
     * continue.
     */
    void pause();

    /** Continues after {@link #pause}. */
    void resume();

    /**
     * Returns a stage that completes when the messages that have arrived so far are in the queue. A spool that reads many asks after some
     * hundreds, so that they do not pile up.
     */
    CompletionStage<?> taken();
}
