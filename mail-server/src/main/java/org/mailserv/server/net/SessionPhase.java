package org.mailserv.server.net;

import java.util.Locale;

/** The progress of a session. Each protocol has an enum of its own; {@link Common} has the phases that all share. */
public interface SessionPhase {
    /** Returns the name of the constant, as {@link Enum#name} does. */
    String name();

    /** Returns the name for the list of sessions and the API. */
    default String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The phases that do not depend on the protocol. */
    enum Common implements SessionPhase {
        /** The peer has connected and not said anything yet. */
        CONNECTED,
        /** The TLS handshake is complete. */
        TLS,
        /** A connection of this server to another one is open. */
        OPEN
    }
}
