package org.mailserv.relay.queue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a whole destination after failed attempts to reach it.
 *
 * @param until the time of the next attempt
 * @param failures attempts that have failed in a row
 * @param since the time of the first of them
 * @param reason the result of the last one
 */
record Backoff(Instant until, int failures, Instant since, String reason) {
    /**
     * Returns the back-off that applies to a domain, by itself or with its hosts, or null.
     *
     * @param now milliseconds since 1970
     */
    static @Nullable Backoff of(DomainQueue domain, long now) {
        DestinationQueue queue = domain.queue;
        if (domain.blockedUntil > now) {
            return of(domain.blockedUntil, domain.failures, domain.failingSince, domain.problem);
        } else if (queue != null && queue.blockedUntil > now) {
            return of(queue.blockedUntil, queue.failures, queue.failingSince, queue.problem);
        }
        return null;
    }

    private static Backoff of(long until, int failures, long since, @Nullable Problem problem) {
        return new Backoff(
                Instant.ofEpochMilli(until),
                failures,
                Instant.ofEpochMilli(since),
                problem == null ? "not known" : problem.text());
    }

    /** Returns the wait in words. */
    String describe(String domain) {
        return "deliveries to " + domain + " are paused: " + failures
                + (failures == 1 ? " attempt has failed since " : " attempts have failed since ")
                + since.truncatedTo(ChronoUnit.SECONDS) + "; the last: " + reason;
    }
}
