package org.mailserv.relay.smtp;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.TlsDemand;

/**
 * What a connection has to know from its beginning.
 *
 * @param host the server's name, or an address literal
 * @param address its address
 * @param route how to speak to it
 * @param demand what TLS has to be like
 * @param helo our name
 * @param plain whether TLS is not to be tried, because it failed a moment ago
 * @param timeouts of the stages
 * @param limits on transactions
 * @param tls for STARTTLS
 * @param readers run the reading of messages
 * @param faults of servers, which the connection heeds and adds to
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
        ServerFaults faults) {

    /**
     * Limits of ours; the server may have tighter ones.
     *
     * @param pipelineDepth messages on the way
     * @param maxRecipients of a transaction
     * @param messagesPerConnection in all
     */
    public record Limits(int pipelineDepth, int maxRecipients, int messagesPerConnection) {}

    /** The server for logs, bounces and states: {@code mx.example.org [192.0.2.1]}. */
    public String mta() {
        return host + " [" + address.getAddress().getHostAddress() + "]";
    }
}
