package org.mailserv.server.store;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The right to one connection to an address, for at most {@code relay.max-connections-per-mx} holders at a time, over all nodes. Thread-safe;
 * no method blocks.
 */
public interface Seats {
    /**
     * Takes a seat for a connection that is about to be opened.
     *
     * @return the seat, or null when all are taken; the stage also completes with null when the store cannot tell. It may be complete
     *     already, and never fails.
     */
    CompletionStage<@Nullable Seat> take(InetSocketAddress address);

    /**
     * Sets who is told that a seat may have become free at an address where {@link #take} has answered null, once for each such answer at
     * least. Called before the first {@link #take}.
     *
     * @param listener called from any thread, also from {@link Seat#free}
     */
    void onFree(Consumer<InetSocketAddress> listener);

    /** The right to one connection. */
    interface Seat {
        /** Returns whether another node waits for a seat here: the holder closes its connection after the message in progress. */
        boolean isWanted();

        /** Frees the seat. May be called twice. */
        void free();
    }
}
