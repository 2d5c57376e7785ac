package org.mailserv.relay.queue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.smtp.ConnectionLoss;
import org.mailserv.relay.smtp.OpenFailure;
import org.mailserv.relay.smtp.RelayConnection;
import org.mailserv.relay.smtp.Session;
import org.mailserv.server.store.Seats;

/** A connection and the destination that it currently works for. */
final class PooledConnection implements RelayConnection.Owner {
    /** Waits for the connection to open. */
    interface Opening {
        /** Called when the connection is established, before the greeting. */
        void connected(PooledConnection pooled);

        void opened(PooledConnection pooled);

        void failed(PooledConnection pooled, OpenFailure failure);
    }

    /** Decides on the use of connections. */
    interface Listener {
        void opened(PooledConnection pooled);

        void roomFor(PooledConnection pooled);

        void closed(PooledConnection pooled, ConnectionLoss loss);
    }

    final RelayConnection connection;
    DestinationQueue queue;
    /** Number of messages that are being read for this connection. */
    int loading;
    /** Number of transactions begun. */
    int submitted;
    /** Number of times it continued although other destinations waited. */
    int turns;
    /** Tasks that wait for room to continue with a message. */
    final Deque<Runnable> waiting = new ArrayDeque<>();

    RelayLoop.@Nullable Timer idle;
    private final Seats.Seat seat;
    private final Listener listener;
    private @Nullable Opening opening;

    /** @param seat the right to the connection; released with it */
    PooledConnection(Session session, DestinationQueue queue, Seats.Seat seat, Opening opening, Listener listener) {
        this.connection = new RelayConnection(session, this);
        this.queue = queue;
        this.seat = seat;
        this.opening = opening;
        this.listener = listener;
    }

    /** Returns whether another node waits for this connection to end. A connection that was just opened takes one message first. */
    boolean isWanted() {
        return submitted > 0 && seat.isWanted();
    }

    /** Releases the right to the connection. May be called twice. */
    void freeSeat() {
        seat.free();
    }

    void cancelIdle() {
        if (idle != null) {
            idle.cancel();
            idle = null;
        }
    }

    @Override
    public void connected(RelayConnection made) {
        if (opening != null) {
            opening.connected(this);
        }
    }

    @Override
    public void opened(RelayConnection made) {
        Opening ended = opening;
        opening = null;
        if (ended != null) {
            ended.opened(this);
        }
    }

    @Override
    public void openFailed(RelayConnection made, OpenFailure failure) {
        Opening tried = opening;
        opening = null;
        if (tried != null) {
            tried.failed(this, failure);
        }
    }

    @Override
    public void roomFor(RelayConnection made) {
        for (Runnable next = waiting.peek(); next != null && connection.room() > 0; next = waiting.peek()) {
            waiting.poll();
            next.run();
        }
        listener.roomFor(this);
    }

    @Override
    public void closed(RelayConnection made, ConnectionLoss loss) {
        cancelIdle();
        List<Runnable> left = List.copyOf(waiting);
        waiting.clear();
        left.forEach(Runnable::run);
        listener.closed(this, loss);
    }
}
