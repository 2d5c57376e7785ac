package org.mailserv.relay.route;

import java.net.InetAddress;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;

/** Where the mail of a domain goes now. */
public sealed interface Destination {
    /**
     * Hosts to be tried in this order.
     *
     * @param hosts at least one, each with at least one address
     * @param route how they are to be spoken to
     * @param domain that was looked up
     */
    record Hosts(List<Host> hosts, Route route, String domain) implements Destination {
        public Hosts {
            hosts = List.copyOf(hosts);
        }

        /** The same for all domains that the same hosts serve in the same way: they share connections. */
        public String laneKey() {
            TreeSet<String> names = new TreeSet<>();
            hosts.forEach(host -> names.add(host.key()));
            return String.join(",", names) + ":" + route.sessionKey();
        }
    }

    /**
     * A host.
     *
     * @param addresses in the order of the DNS
     * @param demand what TLS to it has to be like; null for what the route says
     */
    record Host(
            String name,
            List<InetAddress> addresses,
            @Nullable TlsDemand demand) {
        public Host {
            addresses = List.copyOf(addresses);
        }

        /** Of which nothing more is known. */
        public Host(String name, List<InetAddress> addresses) {
            this(name, addresses, null);
        }

        /** The same with a demand. */
        public Host demanding(TlsDemand wanted) {
            return new Host(name, addresses, wanted);
        }

        private String key() {
            return demand == null ? name : name + "/" + demand.key();
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
