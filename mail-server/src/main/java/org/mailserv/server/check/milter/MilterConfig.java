package org.mailserv.server.check.milter;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/**
 * One filter.
 *
 * @param address {@code inet:HOST:PORT} or {@code unix:PATH}
 * @param messages whose messages it sees
 * @param onFailure what becomes of a message when the filter cannot be asked
 * @param connectTimeout for connecting and agreeing on options
 * @param commandTimeout for each answer before the end of the message
 * @param endTimeout for the answer to the end of the message; each sign of progress begins it anew
 * @param maxConnections open to it at once; further messages wait for one
 * @param reuse whether a connection serves one message after the other
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
    /** Whose messages. */
    public enum Messages {
        ALL,
        /** Of strangers. */
        INCOMING,
        /** Of users and relay clients. */
        OUTGOING
    }

    /** What becomes of a message that was not filtered. */
    public enum OnFailure {
        /** It is taken. */
        ACCEPT,
        /** 451 4.7.1. */
        TEMPFAIL,
        /** 550 5.7.1. */
        REJECT
    }

    public MilterConfig {
        socketAddress(address);
        if (maxConnections < 1) {
            throw new IllegalArgumentException("max-connections: " + maxConnections + " (expected: at least 1)");
        }
    }

    /** Where it listens. The name of a host is looked up when it is connected to. */
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
                // Told below.
            }
        }
        throw new IllegalArgumentException("address: " + text + " (expected: inet:HOST:PORT or unix:/PATH)");
    }

    boolean wants(boolean ours) {
        return messages == Messages.ALL || ours == (messages == Messages.OUTGOING);
    }
}
