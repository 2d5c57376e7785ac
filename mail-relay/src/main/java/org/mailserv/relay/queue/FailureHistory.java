package org.mailserv.relay.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The failures of a domain or a destination since its last success, and its back-off. Confined to the relay's loop. */
abstract class FailureHistory {
    int failures;
    long failingSince;
    /** Time of the next attempt, in milliseconds since 1970. */
    long blockedUntil;

    @Nullable
    Problem problem;

    /**
     * Backs off.
     *
     * @param now milliseconds since 1970
     */
    void failed(Problem reason, long now, Duration wait) {
        problem = reason;
        if (failures++ == 0) {
            failingSince = now;
        }
        blockedUntil = now + wait.toMillis();
    }
}
