package org.mailserv.server.event;

import org.jspecify.annotations.Nullable;

/**
 * A login that was refused.
 *
 * @param session the id of the session; null for POP3, whose log names the address only
 * @param login the name that the client gave, in printable ASCII
 */
public record FailedLogin(
        Login.Protocol protocol, @Nullable String session, String peer, String login, String reason) {}
