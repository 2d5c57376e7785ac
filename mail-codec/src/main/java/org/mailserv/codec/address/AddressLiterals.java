package org.mailserv.codec.address;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Address literals: {@code 192.0.2.1} and {@code IPv6:2001:db8::1} in brackets. RFC 5321, 4.1.3. */
public final class AddressLiterals {
    private static final String IPV6 = "ipv6:";

    private AddressLiterals() {}

    /** Returns whether the text between the brackets is an IPv4, IPv6 or general address literal. */
    static boolean isValid(String inside) {
        if (inside.toLowerCase(Locale.ROOT).startsWith(IPV6)) {
            return NetUtil.isValidIpV6Address(inside.substring(IPV6.length())) && inside.indexOf('%') < 0;
        }
        if (NetUtil.isValidIpV4Address(inside)) {
            return true;
        }
        int colon = inside.indexOf(':');
        return colon > 0
                && colon < inside.length() - 1
                && inside.substring(0, colon).matches("[A-Za-z0-9-]*[A-Za-z0-9]")
                && inside.substring(colon + 1).chars().allMatch(c -> c > 32 && c < 127 && c != '[' && c != '\\');
    }

    /** Returns the address of a literal in brackets, or null for a domain name or an unknown kind of literal. */
    public static @Nullable InetAddress toInetAddress(String domain) {
        if (!domain.startsWith("[") || !domain.endsWith("]")) {
            return null;
        }
        String inside = domain.substring(1, domain.length() - 1);
        String text = inside.toLowerCase(Locale.ROOT).startsWith(IPV6) ? inside.substring(IPV6.length()) : inside;
        byte[] octets = NetUtil.createByteArrayFromIpAddressString(text);
        if (octets == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 octets", e);
        }
    }

    /** Returns the literal for an address, with brackets. */
    public static String of(InetAddress address) {
        String text = NetUtil.toAddressString(address);
        return address.getAddress().length == 4 ? "[" + text + "]" : "[IPv6:" + text + "]";
    }
}
