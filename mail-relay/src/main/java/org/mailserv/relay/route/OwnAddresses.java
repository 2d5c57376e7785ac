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

/** What is ourselves: a message sent there would come back. RFC 5321, 5.1. */
public final class OwnAddresses {
    private final String hostname;
    private final Supplier<? extends Collection<InetSocketAddress>> listeners;
    private final Set<InetAddress> interfaces;

    /**
     * @param hostname our name
     * @param listeners our SMTP listeners as they are bound, asked for each time
     * @param interfaces the addresses of this machine, for listeners on all of them
     */
    public OwnAddresses(
            String hostname,
            Supplier<? extends Collection<InetSocketAddress>> listeners,
            Collection<InetAddress> interfaces) {
        this.hostname = hostname.toLowerCase(Locale.ROOT);
        this.listeners = listeners;
        this.interfaces = new HashSet<>(interfaces);
    }

    /** The addresses of this machine's interfaces. Blocks a moment: to be called at start. */
    public static List<InetAddress> ofThisMachine() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    /** Whether a host of this name is us. */
    public boolean isOwnName(String host) {
        return DomainNames.same(host, hostname);
    }

    /** Whether a connect to this address and port would reach one of our own listeners. */
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
