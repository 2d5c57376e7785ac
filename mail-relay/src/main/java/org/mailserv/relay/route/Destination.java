package org.mailserv.relay.route;

import java.net.InetAddress;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;

/** The result of routing a domain: hosts to try, or the reason why there is none. */
public sealed interface Destination {
    /**
     * Hosts to try, in this order.
     *
     * @param hosts at least one, each with at least one address
     * @param route the protocol, port and TLS policy for all of them
     * @param domain the domain that was looked up
     */
    record Hosts(List<Host> hosts, Route route, String domain) implements Destination {
        public Hosts {
            hosts = List.copyOf(hosts);
        }

        /** Returns a key that is equal for destinations with the same hosts and session settings, which may share connections. */
        public String queueKey() {
            TreeSet<String> names = new TreeSet<>();
            hosts.forEach(host -> names.add(host.key()));
            return String.join(",", names) + ":" + route.sessionKey();
        }

        /** Returns the hosts and the port in words: {@code mx1.example, mx2.example port 25}. */
        public String describe() {
            return String.join(", ", hosts.stream().map(Host::name).toList()) + " port " + route.port();
        }
    }

    /**
     * A host that accepts mail for the destination.
     *
     * @param addresses in the order of the DNS answer
     * @param demand the TLS that the host requires; null to use the route's policy
     */
    record Host(
            String name,
            List<InetAddress> addresses,
            @Nullable TlsDemand demand) {
        public Host {
            addresses = List.copyOf(addresses);
        }

        /** Creates a host without TLS requirements of its own. */
        public Host(String name, List<InetAddress> addresses) {
            this(name, addresses, null);
        }

        /** Returns a copy of this host with TLS requirements. */
        public Host demanding(TlsDemand wanted) {
            return new Host(name, addresses, wanted);
        }

        private String key() {
            return demand == null ? name : name + "/" + demand.key();
        }
    }

    /**
     * No usable host, temporarily (status class 4) or permanently (class 5).
     *
     * @param text human-readable reason, quoted in bounces
     */
    record None(EnhancedStatus status, String text) implements Destination {
        public boolean isPermanent() {
            return status.statusClass() == 5;
        }
    }
}
