package org.mailserv.server.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** The client address of a connection: as announced by a trusted proxy, otherwise as reported by the socket. */
public final class ClientAddress {
    private static final AttributeKey<InetAddress> TOLD = AttributeKey.valueOf(ClientAddress.class, "told");
    private static final InetAddress UNKNOWN = unknown();

    private ClientAddress() {}

    /**
     * Returns the client address, with IPv4-mapped addresses as IPv4. Returns {@code 0.0.0.0}, which has no
     * privileges, if it is unknown.
     */
    public static InetAddress of(Channel channel) {
        InetAddress told = channel.attr(TOLD).get();
        if (told != null) {
            return told;
        }
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? CidrSet.unmapped(socket.getAddress())
                : UNKNOWN;
    }

    /** Records the address announced by a trusted proxy. */
    static void tell(Channel channel, InetAddress address) {
        channel.attr(TOLD).set(CidrSet.unmapped(address));
    }

    private static InetAddress unknown() {
        try {
            return InetAddress.getByAddress(new byte[4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv4 address has 4 octets", e);
        }
    }
}
