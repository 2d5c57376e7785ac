package org.mailserv.server.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of IP networks such as {@code 192.0.2.0/24} and {@code 2001:db8::/32}. A bare address is a network of one
 * address. Immutable. RFC 4632.
 */
public final class CidrSet {
    /** The empty set. */
    public static final CidrSet NONE = new CidrSet(List.of());

    private final List<Network> networks;

    private CidrSet(List<Network> networks) {
        this.networks = networks;
    }

    private record Network(byte[] prefix, int bits) {
        boolean contains(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            int whole = bits / 8;
            for (int i = 0; i < whole; i++) {
                if (address[i] != prefix[i]) {
                    return false;
                }
            }
            int rest = bits % 8;
            int mask = 0xFF << 8 - rest;
            return rest == 0 || ((address[whole] ^ prefix[whole]) & mask) == 0;
        }
    }

    /**
     * Parses networks.
     *
     * @throws IllegalArgumentException if a text is not a network; the message contains the text
     */
    public static CidrSet parse(List<String> texts) {
        List<Network> networks = new ArrayList<>();
        for (String text : texts) {
            networks.add(parse(text.strip()));
        }
        return networks.isEmpty() ? NONE : new CidrSet(List.copyOf(networks));
    }

    private static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] written = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (written == null) {
            throw refused(text);
        }
        int most = written.length * 8;
        int bits = slash < 0 ? most : bits(text.substring(slash + 1));
        // IPv4-mapped addresses are compared as IPv4, so networks must be as well.
        byte[] address = unmapped(written);
        int outside = most - address.length * 8;
        if (bits < outside || bits > most) {
            throw refused(text);
        }
        return new Network(address, bits - outside);
    }

    /**
     * Parses a prefix length and returns -1 for anything but digits. Privileges depend on these networks, so nothing
     * is guessed.
     */
    private static int bits(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(text) : -1;
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "network: \"" + text + "\" (expected: an address such as 192.0.2.1 or a network such as 192.0.2.0/24)");
    }

    /** Returns whether the address is in one of the networks. An IPv4-mapped IPv6 address is treated as IPv4. */
    public boolean contains(InetAddress address) {
        if (networks.isEmpty()) {
            return false;
        }
        byte[] octets = unmapped(address.getAddress());
        for (Network network : networks) {
            if (network.contains(octets)) {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return networks.isEmpty();
    }

    private static byte[] unmapped(byte[] octets) {
        if (octets.length != 16) {
            return octets;
        }
        for (int i = 0; i < 10; i++) {
            if (octets[i] != 0) {
                return octets;
            }
        }
        boolean mapped = octets[10] == -1 && octets[11] == -1;
        return mapped ? new byte[] {octets[12], octets[13], octets[14], octets[15]} : octets;
    }

    /** Returns the IPv4 address of an IPv4-mapped IPv6 address, and any other address unchanged. */
    public static InetAddress unmapped(InetAddress address) {
        byte[] octets = unmapped(address.getAddress());
        try {
            return octets.length == address.getAddress().length ? address : InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv4 address has 4 octets", e);
        }
    }
}
