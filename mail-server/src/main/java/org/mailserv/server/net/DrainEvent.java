package org.mailserv.server.net;

/**
 * A user event announcing that the server is stopping. A session finishes its current command or message and then
 * closes.
 */
public enum DrainEvent {
    INSTANCE
}
