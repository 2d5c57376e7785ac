package org.mailserv.server.text;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Network addresses as people write them. */
public final class Addresses {
    private Addresses() {}

    /** Returns {@code 192.0.2.1:25}, {@code [2001:db8::1]:25} or {@code host.example:25}. */
    public static String text(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress socket)) {
            return String.valueOf(address);
        }
        InetAddress host = socket.getAddress();
        if (host == null) {
            return socket.getHostString() + ":" + socket.getPort();
        }
        String text = text(host);
        return (host instanceof Inet6Address ? "[" + text + "]" : text) + ":" + socket.getPort();
    }

    /** Returns the address without a name: {@code 192.0.2.1} or {@code 2001:db8::1}. */
    public static String text(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address ? shortened(text) : text;
    }

    /** Java writes every group. RFC 5952 leaves out the longest run of zeros. */
    private static String shortened(String text) {
        int zone = text.indexOf('%');
        String[] groups = (zone < 0 ? text : text.substring(0, zone)).split(":");
        int best = -1;
        int bestLength = 1;
        for (int i = 0; i < groups.length; i++) {
            int end = i;
            while (end < groups.length && groups[end].equals("0")) {
                end++;
            }
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
        }
        String suffix = zone < 0 ? "" : text.substring(zone);
        if (best < 0) {
            return text;
        }
        String left = String.join(":", Arrays.copyOfRange(groups, 0, best));
        String right = String.join(":", Arrays.copyOfRange(groups, best + bestLength, groups.length));
        return left + "::" + right + suffix;
    }
}
