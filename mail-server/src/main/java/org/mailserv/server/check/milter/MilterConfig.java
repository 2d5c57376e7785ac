package org.mailserv.server.check.milter;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/**
 * The settings of one filter.
 *
 * @param address {@code inet:HOST:PORT} or {@code unix:PATH}
 * @param messages the messages that it sees
 * @param onFailure the action for a message when the filter is unavailable
 * @param connectTimeout time limit for connecting and for negotiating options
 * @param commandTimeout time limit for each answer before the end of the message
 * @param endTimeout time limit for the answer to the end of the message; each progress response restarts it
 * @param maxConnections maximum number of connections; further messages wait for one
 * @param reuse whether a connection serves several messages
 */
public record MilterConfig(
        String address,
        Messages messages,
        OnFailure onFailure,
        Duration connectTimeout,
        Duration commandTimeout,
        Duration endTimeout,
        int maxConnections,
        boolean reuse) {
    /** The messages that a filter sees. */
    public enum Messages {
        ALL,
        /** Mail from unknown clients. */
        INCOMING,
        /** Mail of users and relay clients. */
        OUTGOING
    }

    /** The action for a message that could not be filtered. */
    public enum OnFailure {
        /** Accepts it. */
        ACCEPT,
        /** Refuses it with 451 4.7.1. */
        TEMPFAIL,
        /** Refuses it with 550 5.7.1. */
        REJECT
    }

    public MilterConfig {
        socketAddress(address);
        if (maxConnections < 1) {
            throw new IllegalArgumentException("max-connections: " + maxConnections + " (expected: at least 1)");
        }
    }

    /** Returns the filter's address. A host name is resolved when the connection is opened. */
    SocketAddress socketAddress() {
        return socketAddress(address);
    }

    private static SocketAddress socketAddress(String text) {
        if (text.startsWith("unix:/")) {
            return UnixDomainSocketAddress.of(text.substring("unix:".length()));
        }
        int colon = text.lastIndexOf(':');
        if (text.startsWith("inet:") && colon > "inet:".length()) {
            String host = text.substring("inet:".length(), colon);
            String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port > 0 && port < 65_536) {
                    return InetSocketAddress.createUnresolved(bare, port);
                }
            } catch (NumberFormatException e) {
                // The error below names the address.
            }
        }
        throw new IllegalArgumentException("address: " + text + " (expected: inet:HOST:PORT or unix:/PATH)");
    }

    boolean wants(boolean ours) {
        return messages == Messages.ALL || ours == (messages == Messages.OUTGOING);
    }
}
