package org.mailserv.relay.queue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The wait of a whole destination after failed attempts to reach it.
 *
 * @param until the time of the next attempt
 * @param failures attempts that have failed in a row
 * @param since the time of the first of them
 * @param reason the result of the last one
 */
record Backoff(Instant until, int failures, Instant since, String reason) {
    /** Returns the wait in words. */
    String describe(String domain) {
        return domain + " is not tried before: " + failures
                + (failures == 1 ? " attempt has failed since " : " attempts have failed since ")
                + since.truncatedTo(ChronoUnit.SECONDS) + "; the last: " + reason;
    }
}
