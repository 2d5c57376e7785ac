package org.mailserv.server.check.reputation;

import java.time.Duration;

/**
 * Settings of greylisting. RFC 6647.
 *
 * @param enabled whether unknown clients are deferred at their first attempt
 * @param delay time before which a second attempt is too early
 * @param window time after which a second attempt counts as a first
 * @param keep time for which a network that retried stays known, counted from its last message
 * @param maxEntries maximum number of pending attempts, and of known networks, that are remembered
 */
public record GreylistConfig(boolean enabled, Duration delay, Duration window, Duration keep, int maxEntries) {
    /** Returns the defaults of {@code reference.conf}. */
    public static GreylistConfig defaults() {
        return new GreylistConfig(false, Duration.ofMinutes(1), Duration.ofDays(2), Duration.ofDays(36), 100_000);
    }
}
