package org.mailserv.server.check.reputation;

import java.time.Duration;

/**
 * Settings of greylisting. RFC 6647.
 *
 * @param enabled whether strangers have to come twice
 * @param delay before which a second try is too early
 * @param window after which a second try counts as a first
 * @param keep for which a network that has come back is known as good, from its last message on
 * @param maxEntries most pending tries, and most good networks, that are remembered
 */
public record GreylistConfig(boolean enabled, Duration delay, Duration window, Duration keep, int maxEntries) {
    /** As {@code reference.conf} has them. */
    public static GreylistConfig defaults() {
        return new GreylistConfig(false, Duration.ofMinutes(1), Duration.ofDays(2), Duration.ofDays(36), 100_000);
    }
}
