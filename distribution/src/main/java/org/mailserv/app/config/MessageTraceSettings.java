package org.mailserv.app.config;

import org.mailserv.server.config.Octets;

/**
 * Settings of the message traces.
 *
 * @param enabled whether traces are recorded at all
 * @param subjects whether the traces contain the subjects of messages
 * @param days retention in days
 * @param maxSize maximum size of all files together, in octets; the oldest are deleted first
 */
public record MessageTraceSettings(
        boolean enabled, boolean subjects, int days, @Octets long maxSize) {
    public MessageTraceSettings {
        if (days < 1 || maxSize < 10_000) {
            throw new IllegalArgumentException("days, max-size: too small (expected: 1 day, 10000 octets or more)");
        }
    }
}
