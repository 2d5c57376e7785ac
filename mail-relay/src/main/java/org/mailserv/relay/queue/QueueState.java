package org.mailserv.relay.queue;

import java.util.Locale;

/** The states of a message in the queue, named as in Postfix. */
public enum QueueState {
    /** Not tried yet. */
    INCOMING,
    /** Being sent to at least one recipient. */
    ACTIVE,
    /** Waiting for the next attempt. */
    DEFERRED,
    /** Waiting for an operator to release it. */
    HOLD,
    /** Settled for all recipients. */
    DONE;

    /** Returns the name in JSON and in lists. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
