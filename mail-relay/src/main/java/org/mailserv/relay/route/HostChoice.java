package org.mailserv.relay.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Selects the usable hosts of one domain from candidates that are passed in order of preference. Skips loopback and unspecified addresses,
 * this server's own listeners, and hosts whose preference is not better than this server's own.
 */
final class HostChoice {
    private static final EnhancedStatus NO_SUCH_DOMAIN = new EnhancedStatus(5, 1, 2);
    private static final EnhancedStatus NO_ROUTE = new EnhancedStatus(5, 4, 4);
    private static final EnhancedStatus LOOP = new EnhancedStatus(5, 4, 6);
    private static final EnhancedStatus NO_ROUTE_NOW = new EnhancedStatus(4, 4, 4);
    private static final EnhancedStatus DNS_FAILED = new EnhancedStatus(4, 4, 3);

    private final OwnAddresses own;
    private final boolean allowLoopback;
    private final Route route;
    private final boolean configured;
    private final String domain;
    private final List<Destination.Host> hosts = new ArrayList<>();
    private final List<Integer> preferences = new ArrayList<>();
    private int ownPreference = Integer.MAX_VALUE;
    private boolean refused;
    private String temporary = "";
    private int temporaryPreference = Integer.MAX_VALUE;

    /** @param configured whether the host was configured by the operator */
    HostChoice(OwnAddresses own, boolean allowLoopback, Route route, boolean configured, String domain) {
        this.own = own;
        this.allowLoopback = allowLoopback;
        this.route = route;
        this.configured = configured;
        this.domain = domain;
    }

    /** Checks a candidate for this server's own name before any address is known. Its preference limits which hosts are usable. */
    void lookAtName(Candidate candidate) {
        if (isOurs(candidate)) {
            ownPreference = Math.min(ownPreference, candidate.preference());
        }
    }

    private boolean isOurs(Candidate candidate) {
        return !configured && own.isOwnName(candidate.name());
    }

    /** Adds a candidate with the answer to its address lookup. */
    void look(Candidate candidate, DnsAnswer<InetAddress> answer) {
        if (isOurs(candidate)) {
            return;
        }
        if (answer instanceof DnsAnswer.Found<InetAddress> found) {
            List<InetAddress> usable = new ArrayList<>();
            found.records().forEach(address -> sift(candidate, address, usable));
            if (!usable.isEmpty()) {
                hosts.add(new Destination.Host(candidate.name(), usable));
                preferences.add(candidate.preference());
            }
        } else if (answer instanceof DnsAnswer.TemporaryFailure<InetAddress>) {
            temporary = "The DNS could not be asked for the address of " + candidate.name() + reason(answer);
            temporaryPreference = Math.min(temporaryPreference, candidate.preference());
        }
    }

    /** Returns the reason of a failed look-up as the end of a sentence. */
    static String reason(DnsAnswer<?> answer) {
        return answer instanceof DnsAnswer.TemporaryFailure<?> failure ? ": " + failure.reason() : "";
    }

    private void sift(Candidate candidate, InetAddress address, List<InetAddress> usable) {
        if (own.isOwnListener(address, route.port())) {
            ownPreference = Math.min(ownPreference, candidate.preference());
        } else if (address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || address.isLoopbackAddress() && !allowLoopback && !configured) {
            refused = true;
        } else {
            usable.add(address);
        }
    }

    /** Records that not all candidates were looked up, so that finding no host is only a temporary failure. */
    void endEarly(int looked) {
        temporary = "None of the first " + looked + " mail servers of " + domain + " has an address";
        temporaryPreference = 0;
    }

    /** Returns whether hosts with this preference may be used. RFC 5321, 5.1. */
    boolean isBetterThanUs(int preference) {
        return preference < ownPreference;
    }

    /** Returns the number of usable hosts. */
    int count() {
        return better().size();
    }

    private List<Destination.Host> better() {
        List<Destination.Host> better = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            if (isBetterThanUs(preferences.get(i))) {
                better.add(hosts.get(i));
            }
        }
        return better;
    }

    /** Returns the most preferred hosts, or the reason why there is none. The failure is permanent only if the DNS proves it. */
    Destination destination(int maxHosts) {
        List<Destination.Host> better = better();
        if (!better.isEmpty()) {
            return new Destination.Hosts(
                    better.subList(0, Math.min(better.size(), Math.max(1, maxHosts))), route, domain);
        } else if (!temporary.isEmpty() && isBetterThanUs(temporaryPreference)) {
            return new Destination.None(DNS_FAILED, temporary);
        } else if (ownPreference < Integer.MAX_VALUE) {
            return new Destination.None(LOOP, "Mail for " + domain + " loops back to this server");
        } else if (refused) {
            return new Destination.None(
                    NO_ROUTE, "The mail server of " + domain + " has an address that no mail can be sent to");
        }
        return configured
                ? new Destination.None(NO_ROUTE_NOW, "The route of " + domain + " leads to a host without an address")
                : new Destination.None(NO_SUCH_DOMAIN, "No mail server of " + domain + " has an address");
    }
}
