package org.mailserv.relay.queue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.route.Destination;

/**
 * The mail for one destination, which is the unit of scheduling: a set of hosts, the domains whose mail goes there, their connections, and
 * one back-off for all of them. Confined to the relay's loop.
 */
final class DestinationQueue extends FailureHistory {
    private static final Duration MEMORY = Duration.ofMinutes(10);

    final String key;
    /** Open connections. */
    final List<PooledConnection> connections = new ArrayList<>();
    /** Domains that have something to send, in turn. */
    private final Deque<DomainQueue> ring = new ArrayDeque<>();

    private final Map<InetAddress, Instant> failedAddresses = new HashMap<>();

    Destination.Hosts destination;
    /** The TLS of the last connection. */
    @Nullable
    TlsUse tls;

    /** True while an attempt to connect is in progress. */
    boolean dialing;
    /** True while it waits for a connection slot, or for an address. */
    boolean waiting;
    /** True if the next attempt starts whatever other nodes report, because an operator asked for it. */
    boolean insisting;
    /** Maximum number of connections at present; it grows with success. */
    double limit = 1;

    private double v6Trouble;
    private long v6At;

    DestinationQueue(String key, Destination.Hosts destination) {
        this.key = key;
        this.destination = destination;
    }

    void join(DomainQueue domain) {
        if (!domain.inRing && domain.ready > 0) {
            domain.inRing = true;
            ring.add(domain);
        }
    }

    /** Returns the next entry, taking the domains in turn, or null if nothing waits. */
    @Nullable
    QueueEntry poll() {
        for (DomainQueue domain = ring.poll(); domain != null; domain = ring.poll()) {
            domain.inRing = false;
            QueueEntry entry = domain.poll();
            join(domain);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    boolean hasWork() {
        while (!ring.isEmpty() && ring.peek().ready == 0) {
            ring.poll().inRing = false;
        }
        return !ring.isEmpty();
    }

    /** Empties the ring and returns the domains that were in it. */
    List<DomainQueue> takeDomains() {
        List<DomainQueue> domains = new ArrayList<>(ring);
        ring.clear();
        domains.forEach(domain -> domain.inRing = false);
        return domains;
    }

    /** Returns whether the queue is idle and can be removed. */
    boolean isForgettable() {
        return connections.isEmpty() && !dialing && !waiting && ring.isEmpty();
    }

    void addressFailed(InetAddress address, Instant now) {
        failedAddresses.put(address, now);
        if (address instanceof Inet6Address) {
            v6Trouble = v6Trouble(now) + 1;
            v6At = now.toEpochMilli();
        }
    }

    void addressWorked(InetAddress address) {
        failedAddresses.remove(address);
        if (address instanceof Inet6Address) {
            v6Trouble = 0;
        }
    }

    boolean failedLately(InetAddress address, Instant now) {
        Instant at = failedAddresses.get(address);
        if (at != null && at.plus(MEMORY).isBefore(now)) {
            failedAddresses.remove(address);
            return false;
        }
        return at != null;
    }

    /** Returns whether IPv6 gets the head start at these hosts. Trouble with it counts half after ten minutes. */
    boolean prefersV6(Instant now) {
        return v6Trouble(now) < 1.5;
    }

    private double v6Trouble(Instant now) {
        double halves = (now.toEpochMilli() - v6At) / (double) MEMORY.toMillis();
        return v6Trouble * Math.pow(0.5, Math.max(0, halves));
    }

    void succeeded(int most) {
        failures = 0;
        problem = null;
        limit = Math.min(most, limit + 1 / limit);
    }

    void slowDown() {
        limit = Math.max(1, limit / 2);
    }
}
