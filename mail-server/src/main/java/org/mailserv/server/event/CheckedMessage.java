package org.mailserv.server.event;

import java.time.Duration;

/**
 * The verdict about a message.
 *
 * @param result the fate of the message
 * @param duration the time between the end of the message and the verdict
 */
public record CheckedMessage(Result result, Duration duration) {
    /** The fates of a checked message. */
    public enum Result {
        DELIVERED,
        JUNK,
        HELD,
        DISCARDED,
        REFUSED
    }
}
