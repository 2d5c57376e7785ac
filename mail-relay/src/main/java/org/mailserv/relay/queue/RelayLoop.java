package org.mailserv.relay.queue;

import java.time.Duration;
import java.time.Instant;
import org.mailserv.server.spool.Envelope;

/** The single thread on which the relay makes all decisions, and its clock. A simulator has its own. */
public interface RelayLoop {
    /** Returns the time for waits. */
    Instant now();

    /** Returns milliseconds since an arbitrary moment, unaffected by changes of the clock. */
    default long elapsedMillis() {
        return now().toEpochMilli();
    }

    /** Runs a task on the loop. Any thread may call it. */
    void execute(Runnable task);

    /** Runs a task on the loop later. Called on the loop only. */
    Timer schedule(Duration wait, Runnable task);

    /** A scheduled task. */
    interface Timer {
        /** Cancels the task if it has not run. */
        void cancel();
    }

    /** Returns the time since a message arrived. */
    default Duration age(Envelope envelope) {
        return Duration.between(envelope.arrival().time(), now());
    }
}
