package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import org.mailserv.server.spool.Envelope;

/** The one thread that all decisions of the relay are made on, and its clock: a simulator has its own. */
public interface RelayLoop {
    /** Now, as far as waits are concerned. */
    Instant now();

    /** Milliseconds that have passed since some moment, whatever is done to the clock. */
    default long elapsedMillis() {
        return now().toEpochMilli();
    }

    /** Runs a task on the loop. Any thread. */
    void execute(Runnable task);

    /** Runs a task on the loop later. On the loop. */
    Timer schedule(Duration wait, Runnable task);

    /** A task that waits. */
    interface Timer {
        /** Takes it back, if it has not run. */
        void cancel();
    }

    /** Returns the time since a message arrived. */
    default Duration age(Envelope envelope) {
        return Duration.between(envelope.arrival().time(), now());
    }
}
