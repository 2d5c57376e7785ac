package org.mailserv.server.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Who a connection is from: what a trusted proxy said, else what the socket says. */
public final class ClientAddress {
    private static final AttributeKey<InetAddress> TOLD = AttributeKey.valueOf(ClientAddress.class, "told");
    private static final InetAddress UNKNOWN = unknown();

    private ClientAddress() {}

    /** The address, IPv4 where it is IPv4 within IPv6; {@code 0.0.0.0}, which has no rights anywhere, where there is none. */
    public static InetAddress of(Channel channel) {
        InetAddress told = channel.attr(TOLD).get();
        if (told != null) {
            return told;
        }
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? CidrSet.unmapped(socket.getAddress())
                : UNKNOWN;
    }

    /** Notes what a trusted proxy says. */
    static void tell(Channel channel, InetAddress address) {
        channel.attr(TOLD).set(CidrSet.unmapped(address));
    }

    private static InetAddress unknown() {
        try {
            return InetAddress.getByAddress(new byte[4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are an address", e);
        }
    }
}
