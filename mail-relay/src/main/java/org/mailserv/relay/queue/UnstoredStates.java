package org.mailserv.relay.queue;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.text.Failures;

/**
 * States of messages that are being written to the spool. Until a state is durable, it takes precedence over the stored one. Otherwise a
 * message opened meanwhile would seem to have all its recipients left, and would be delivered again. A state that the disk refuses is
 * retried until it, or a newer one, is stored. Confined to the relay's loop.
 */
final class UnstoredStates {
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final RelayLoop loop;
    private final Spool spool;
    private final MailEvents events;
    // The newest state of each message; removed by a thread of the spool.
    private final ConcurrentMap<QueueId, MessageState> newest = new ConcurrentHashMap<>();

    UnstoredStates(RelayLoop loop, Spool spool, MailEvents events) {
        this.loop = loop;
        this.spool = spool;
        this.events = events;
    }

    /** Returns the state that takes precedence, or null if the stored one does. Called before the message is opened. */
    @Nullable
    MessageState of(QueueId id) {
        return newest.get(id);
    }

    /** Returns whether a state of one of some messages is being written. */
    boolean has(Predicate<QueueId> some) {
        return newest.keySet().stream().anyMatch(some);
    }

    void store(QueueId id, MessageState state) {
        newest.put(id, state);
        spool.update(id, state).whenComplete((done, failure) -> {
            if (failure == null || SpoolException.isNotFound(failure)) {
                newest.remove(id, state);
                return;
            }
            events.noted(MessageNote.because(MessageNote.Kind.STATE_NOT_STORED, id, Failures.text(failure)));
            loop.execute(() -> loop.schedule(AGAIN, () -> again(id, state)));
        });
    }

    private void again(QueueId id, MessageState state) {
        // A newer state has been stored, or will be.
        if (state.equals(newest.get(id))) {
            store(id, state);
        }
    }
}
