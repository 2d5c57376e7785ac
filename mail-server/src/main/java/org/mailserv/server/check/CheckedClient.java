package org.mailserv.server.check;

import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.dns.ClientNames;

/**
 * A client as the checks before its message see it.
 *
 * @param session the id of the session, for the log
 * @param shownAddress the client's address as the log shows it; the one that a proxy told, if there is a proxy
 * @param address the client's address, or null when it has none, as over a Unix socket
 * @param mayRelay whether the client may send to other domains: it has logged in, or belongs to a relay network
 * @param lmtp whether the client delivers over LMTP
 * @param account the account that has logged in, or null
 * @param knownName the client's name as a proxy told it, or null
 * @param lookup the look-up of the client's confirmed name, which may still be running
 */
public record CheckedClient(
        String session,
        String shownAddress,
        @Nullable InetAddress address,
        boolean mayRelay,
        boolean lmtp,
        @Nullable String account,
        @Nullable String knownName,
        CompletionStage<ClientNames.Answer> lookup) {}
