package org.mailserv.app.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueAdmin;

/**
 * A change to the queue that can be undone before it takes effect.
 *
 * @param id its name for undoing
 * @param by the operator
 * @param messages the number of messages that it concerns
 * @param recipients the number of their recipients
 * @param takesEffect the time at which it takes effect
 * @param result the result in words; null while it waits
 */
public record QueueOrderInfo(
        String id,
        QueueAdmin.Action action,
        String by,
        int messages,
        int recipients,
        Instant takesEffect,
        State state,
        @Nullable String result) {
    /** States of an order. */
    public enum State {
        /** It can be undone. */
        WAITING,
        /** It takes effect at this moment. */
        RUNNING,
        /** It took effect. */
        DONE,
        /** It was undone, and nothing was changed. */
        UNDONE,
        /** It could not be carried out. */
        FAILED
    }
}
