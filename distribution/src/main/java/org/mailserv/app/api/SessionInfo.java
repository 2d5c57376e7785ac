package org.mailserv.app.api;

import java.time.Instant;

/**
 * An open session.
 *
 * @param kind the protocol, such as {@code smtp}, or {@code relay} for an outgoing connection
 * @param command the last command
 */
public record SessionInfo(
        String id,
        String kind,
        String peer,
        Instant since,
        String state,
        String command,
        long octetsIn,
        long octetsOut) {}
