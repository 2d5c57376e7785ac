package org.mailserv.relay.route;

import java.net.InetAddress;
import java.util.List;
import java.util.TreeSet;
import org.mailserv.codec.smtp.EnhancedStatus;

/** Where the mail of a domain goes now. */
public sealed interface Destination {
    /**
     * Hosts to be tried in this order.
     *
     * @param hosts at least one, each with at least one address
     * @param route how they are to be spoken to
     */
    record Hosts(List<Host> hosts, Route route) implements Destination {
        public Hosts {
            hosts = List.copyOf(hosts);
        }

        /** The same for all domains that the same hosts serve in the same way: they share connections. */
        public String laneKey() {
            TreeSet<String> names = new TreeSet<>();
            hosts.forEach(host -> names.add(host.name()));
            return String.join(",", names) + ":" + route.sessionKey();
        }
    }

    /** A host with its addresses, in the order of the DNS. */
    record Host(String name, List<InetAddress> addresses) {
        public Host {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * There is none, for now (class 4) or for good (class 5).
     *
     * @param text what is wrong, in words for the sender
     */
    record None(EnhancedStatus status, String text) implements Destination {
        public boolean isPermanent() {
            return status.statusClass() == 5;
        }
    }
}
