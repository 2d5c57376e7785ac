package org.mailserv.relay.queue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.smtp.ConnectionLoss;
import org.mailserv.relay.smtp.OpenFailure;
import org.mailserv.relay.smtp.RelayConnection;
import org.mailserv.relay.smtp.Session;

/** A connection and the lane that it works for at present. */
final class Link implements RelayConnection.Owner {
    /** Who decides what a connection does. */
    interface Listener {
        void opened(Link link);

        void roomFor(Link link);

        void closed(Link link, ConnectionLoss loss);
    }

    final RelayConnection connection;
    Lane lane;
    /** Messages that are being read for it. */
    int loading;
    /** Transactions that were begun. */
    int submitted;
    /** How often it went on although others waited. */
    int turns;
    /** What waits for room to go on with a message. */
    final Deque<Runnable> waiting = new ArrayDeque<>();

    RelayLoop.@Nullable Timer idle;
    private final Listener listener;
    private @Nullable Round round;

    Link(Session session, Lane lane, Round round, Listener listener) {
        this.connection = new RelayConnection(session, this);
        this.lane = lane;
        this.round = round;
        this.listener = listener;
    }

    void cancelIdle() {
        if (idle != null) {
            idle.cancel();
            idle = null;
        }
    }

    @Override
    public void connected(RelayConnection made) {
        if (round != null) {
            round.connected(this);
        }
    }

    @Override
    public void opened(RelayConnection made) {
        Round ended = round;
        round = null;
        if (ended != null) {
            ended.opened(this);
        }
    }

    @Override
    public void openFailed(RelayConnection made, OpenFailure failure) {
        Round tried = round;
        round = null;
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
