package org.mailserv.server.net;

/** Tells a session that the server is stopping: it finishes what it is at, and then closes. */
public enum DrainEvent {
    INSTANCE
}
