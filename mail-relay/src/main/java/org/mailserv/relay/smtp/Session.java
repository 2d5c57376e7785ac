package org.mailserv.relay.smtp;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.store.Lease;

/**
 * The parameters of a session.
 *
 * @param host the server's name, or an address literal
 * @param address its address
 * @param route the route with protocol and credentials
 * @param demand the TLS requirements
 * @param helo the name for EHLO
 * @param plain whether TLS is skipped after a failed handshake
 * @param timeouts the timeouts of the stages
 * @param limits this side's limits on transactions
 * @param tls the factory of TLS handlers
 * @param readers runs blocking reads of messages
 * @param faults the known faults of servers, which the connection reads and extends
 * @param lease tells before the end of each message whether this node may still complete it
 */
public record Session(
        String host,
        InetSocketAddress address,
        Route route,
        TlsDemand demand,
        String helo,
        boolean plain,
        ClientTimeouts timeouts,
        Limits limits,
        TlsClients tls,
        Executor readers,
        ServerFaults faults,
        Lease lease) {

    /**
     * The limits of this side. The server may declare stricter ones.
     *
     * @param pipelineDepth maximum number of messages in flight
     * @param maxRecipients maximum number of recipients per transaction
     * @param messagesPerConnection maximum number of messages per connection
     */
    public record Limits(int pipelineDepth, int maxRecipients, int messagesPerConnection) {}

    /** Returns the maximum number of messages in flight to a server that may be sent several at once. */
    int depth(ServerCapabilities server) {
        if (!server.has("PIPELINING")) {
            return 1;
        }
        return server.has("CHUNKING") && !route.lmtp() ? limits.pipelineDepth() : Math.min(2, limits.pipelineDepth());
    }

    /** Returns the maximum number of messages of a connection, by the limits of either side. */
    int mostMessages(ServerCapabilities server) {
        return Math.min(limits.messagesPerConnection(), server.limit("MAILMAX", Integer.MAX_VALUE));
    }

    /** Returns the server's name for logs, bounces and states: {@code mx.example.org [192.0.2.1]}. */
    public String mta() {
        return host + " [" + address.getAddress().getHostAddress() + "]";
    }
}
