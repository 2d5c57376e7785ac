package org.mailserv.server.account;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailserv.codec.address.AddressLiterals;
import org.mailserv.codec.address.DomainNames;

/**
 * Names of this host that are not configured as domains: its host name, {@code localhost}, and its address literals.
 * Mail for them is delivered to the primary domain, as for names in Postfix's {@code mydestination}. RFC 5321, 4.1.3.
 *
 * @param hostname the server's name, in any case; empty for none
 * @param addresses addresses of this host besides loopback addresses, which always count
 */
public record OwnNames(String hostname, Set<InetAddress> addresses) {
    /** No names, so that only configured domains are local. */
    public static final OwnNames NONE = new OwnNames("", Set.of());

    public OwnNames {
        hostname = hostname.isEmpty() ? "" : DomainNames.canonical(hostname);
        addresses = Set.copyOf(addresses);
    }

    /** Returns the names of a server on this host, with the addresses of all its interfaces. Blocks briefly. */
    public static OwnNames ofThisMachine(String hostname) {
        try {
            return new OwnNames(
                    hostname,
                    NetworkInterface.networkInterfaces()
                            .flatMap(NetworkInterface::inetAddresses)
                            .collect(Collectors.toSet()));
        } catch (SocketException e) {
            return new OwnNames(hostname, Set.of());
        }
    }

    /** Returns whether a domain in lower case denotes this host. */
    boolean contains(String domain) {
        if (hostname.isEmpty()) {
            return false;
        } else if (domain.equals(hostname) || domain.equals("localhost") || domain.equals("localhost.localdomain")) {
            return true;
        }
        InetAddress literal = AddressLiterals.toInetAddress(domain);
        return literal != null && (literal.isLoopbackAddress() || addresses.contains(literal));
    }
}
