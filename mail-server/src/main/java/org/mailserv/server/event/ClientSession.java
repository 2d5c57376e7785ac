package org.mailserv.server.event;

/**
 * The session of a client.
 *
 * @param session its id in the log and in the list of sessions
 * @param peer the client's IP address
 */
public record ClientSession(String session, String peer) {}
