package org.mailserv.app.config;

import org.mailserv.server.config.Octets;

/**
 * How much of the messages' traces is kept.
 *
 * @param enabled whether traces are recorded at all
 * @param days how long a trace can be looked up
 * @param maxSize of all files together, in octets; the oldest are removed first
 */
public record MessageTraceSettings(
        boolean enabled, int days, @Octets long maxSize) {
    public MessageTraceSettings {
        if (days < 1 || maxSize < 10_000) {
            throw new IllegalArgumentException("days, max-size: too small (expected: 1 day, 10000 octets or more)");
        }
    }
}
