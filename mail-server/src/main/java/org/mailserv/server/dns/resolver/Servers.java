package org.mailserv.server.dns.resolver;

import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddresses;
import java.net.InetSocketAddress;
import java.util.List;

/** The name servers, with the first working one at the front. Confined to one event loop. */
final class Servers {
    private final List<InetSocketAddress> all;
    private int current;

    Servers(List<InetSocketAddress> all) {
        this.all = List.copyOf(all);
    }

    /** Returns the servers in Netty's representation. */
    DnsServerAddressStream stream() {
        return DnsServerAddresses.sequential(all).stream();
    }

    int count() {
        return all.size();
    }

    InetSocketAddress current() {
        return all.get(current);
    }

    InetSocketAddress after(InetSocketAddress server) {
        return all.get((all.indexOf(server) + 1) % all.size());
    }

    /** Makes later queries start with another server. */
    void failed(InetSocketAddress server) {
        if (server.equals(current())) {
            current = (current + 1) % all.size();
        }
    }
}
