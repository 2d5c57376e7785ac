package org.mailserv.relay.route;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.mailserv.codec.address.DomainNames;

/** The names and addresses of this server. A message sent to one of them would loop back. RFC 5321, 5.1. */
public final class OwnAddresses {
    private final String hostname;
    private final Supplier<? extends Collection<InetSocketAddress>> listeners;
    private final Set<InetAddress> interfaces;

    /**
     * @param hostname this server's name
     * @param listeners the bound addresses of this server's SMTP listeners, queried on each call
     * @param interfaces the addresses of this machine, used for listeners bound to the wildcard address
     */
    public OwnAddresses(
            String hostname,
            Supplier<? extends Collection<InetSocketAddress>> listeners,
            Collection<InetAddress> interfaces) {
        this.hostname = hostname.toLowerCase(Locale.ROOT);
        this.listeners = listeners;
        this.interfaces = new HashSet<>(interfaces);
    }

    /** Returns the addresses of this machine's network interfaces. Blocks briefly; call it at startup. */
    public static List<InetAddress> ofThisMachine() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    /** Returns whether a host name is this server's own name. */
    public boolean isOwnName(String host) {
        return DomainNames.same(host, hostname);
    }

    /** Returns whether a connection to this address and port would reach one of this server's own listeners. */
    public boolean isOwnListener(InetAddress address, int port) {
        for (InetSocketAddress listener : listeners.get()) {
            InetAddress bound = listener.getAddress();
            if (listener.getPort() == port
                    && bound != null
                    && (bound.equals(address) || bound.isAnyLocalAddress() && isOfThisMachine(address))) {
                return true;
            }
        }
        return false;
    }

    private boolean isOfThisMachine(InetAddress address) {
        return address.isLoopbackAddress() || address.isAnyLocalAddress() || interfaces.contains(address);
    }
}
