package org.mailserv.server.dns.resolver;

import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddresses;
import java.net.InetSocketAddress;
import java.util.List;

/** The servers in turn: the first one that works is asked first. On one event loop. */
final class Servers {
    private final List<InetSocketAddress> all;
    private int current;

    Servers(List<InetSocketAddress> all) {
        this.all = List.copyOf(all);
    }

    /** Returns the servers in the form that Netty wants them. */
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

    /** Lets questions to come begin elsewhere. */
    void failed(InetSocketAddress server) {
        if (server.equals(current())) {
            current = (current + 1) % all.size();
        }
    }
}
