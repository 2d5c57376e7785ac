package org.mailserv.relay.route;

import java.net.IDN;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.mailserv.codec.address.AddressLiterals;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Finds the hosts for a domain: by the routes table, else by MX, else by its own addresses. What cannot be right is left out: loopback
 * and unspecified addresses, our own listeners, and hosts that are no better than ourselves.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-5.1">RFC 5321, 5.1</a>
 */
public final class Router {
    private static final EnhancedStatus NO_SUCH_DOMAIN = new EnhancedStatus(5, 1, 2);
    private static final EnhancedStatus NULL_MX = new EnhancedStatus(5, 1, 10);
    private static final EnhancedStatus NO_ROUTE = new EnhancedStatus(5, 4, 4);
    private static final EnhancedStatus LOOP = new EnhancedStatus(5, 4, 6);
    private static final EnhancedStatus DNS_FAILED = new EnhancedStatus(4, 4, 3);

    private final Dns dns;
    private final OwnAddresses own;
    private final boolean allowLoopback;
    private final int maxHosts;
    private final RandomGenerator random;
    private final HostTrust trust;

    /** @param trust looks at the hosts of domains whose route leaves TLS to them */
    public Router(
            Dns dns, OwnAddresses own, boolean allowLoopback, int maxHosts, RandomGenerator random, HostTrust trust) {
        this.dns = dns;
        this.own = own;
        this.allowLoopback = allowLoopback;
        this.maxHosts = maxHosts;
        this.random = random;
        this.trust = trust;
    }

    /**
     * Finds the destination of a domain. The stage does not fail.
     *
     * @param domain in lower case; a name or an address literal
     */
    public CompletionStage<Destination> find(String domain, Route route) {
        String host = route.host();
        if (host != null) {
            // Named by the operator: what the table says goes, also to this machine, but never into our own listener.
            return lookUp(List.of(new Candidate(host, 0)), route, true, domain);
        }
        if (domain.startsWith("[")) {
            return CompletableFuture.completedFuture(literal(domain, route));
        }
        String name = toAscii(domain);
        if (name.isEmpty()) {
            return failed(NO_SUCH_DOMAIN, "The domain " + domain + " is not a name that can be in the DNS");
        }
        CompletionStage<Destination> found = dns.mx(name).thenCompose(answer -> byMx(name, answer, route));
        return route.tls() != TlsPolicy.MAY
                ? found
                : found.thenCompose(destination -> destination instanceof Destination.Hosts hosts
                        ? trust.secure(name, hosts)
                        : CompletableFuture.completedFuture(destination));
    }

    private static String toAscii(String domain) {
        try {
            return IDN.toASCII(domain);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private CompletionStage<Destination> byMx(String domain, DnsAnswer<MxRecord> answer, Route route) {
        if (answer instanceof DnsAnswer.Found<MxRecord> found) {
            if (found.records().stream().anyMatch(mx -> mx.exchange().isEmpty())) {
                return failed(NULL_MX, "The domain " + domain + " takes no mail (null MX)");
            }
            return lookUp(inOrder(found.records()), route, false, domain);
        } else if (answer instanceof DnsAnswer.NoData<MxRecord>) {
            return lookUp(List.of(new Candidate(domain, 0)), route, false, domain);
        } else if (answer instanceof DnsAnswer.NoSuchDomain<MxRecord>) {
            return failed(NO_SUCH_DOMAIN, "The domain " + domain + " does not exist");
        }
        return failed(DNS_FAILED, "The DNS could not be asked for the MX of " + domain + reason(answer));
    }

    private static String reason(DnsAnswer<?> answer) {
        return answer instanceof DnsAnswer.TemporaryFailure<?> failure ? ": " + failure.reason() : "";
    }

    private static CompletionStage<Destination> failed(EnhancedStatus status, String text) {
        return CompletableFuture.completedFuture(new Destination.None(status, text));
    }

    private record Candidate(String name, int preference) {}

    /** By preference, at random among equals. RFC 5321, 5.1. */
    private List<Candidate> inOrder(List<MxRecord> records) {
        List<Candidate> candidates = new ArrayList<>();
        records.forEach(mx -> candidates.add(new Candidate(mx.exchange(), mx.preference())));
        for (int i = candidates.size() - 1; i > 0; i--) {
            Collections.swap(candidates, i, random.nextInt(i + 1));
        }
        candidates.sort(Comparator.comparingInt(Candidate::preference));
        return candidates.size() > maxHosts ? candidates.subList(0, maxHosts) : candidates;
    }

    private CompletionStage<Destination> lookUp(
            List<Candidate> candidates, Route route, boolean configured, String domain) {
        List<CompletableFuture<DnsAnswer<InetAddress>>> answers = new ArrayList<>();
        for (Candidate candidate : candidates) {
            answers.add(addresses(candidate.name()).toCompletableFuture());
        }
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenApply(all -> {
                    Choice choice = new Choice(route, configured, domain);
                    for (int i = 0; i < candidates.size(); i++) {
                        choice.look(
                                candidates.get(i),
                                answers.get(i).getNow(new DnsAnswer.TemporaryFailure<>("no answer")));
                    }
                    return choice.destination();
                });
    }

    private CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        InetAddress literal = AddressLiterals.toInetAddress(host.startsWith("[") ? host : "[" + host + "]");
        if (literal == null && host.indexOf(':') >= 0) {
            literal = AddressLiterals.toInetAddress("[IPv6:" + host + "]");
        }
        return literal == null
                ? dns.addresses(host)
                : CompletableFuture.completedFuture(new DnsAnswer.Found<>(List.of(literal), false, Duration.ZERO));
    }

    private Destination literal(String domain, Route route) {
        InetAddress address = AddressLiterals.toInetAddress(domain);
        if (address == null) {
            return new Destination.None(NO_SUCH_DOMAIN, "The address literal " + domain + " cannot be reached");
        }
        Choice choice = new Choice(route, false, domain);
        choice.look(new Candidate(domain, 0), new DnsAnswer.Found<>(List.of(address), false, Duration.ZERO));
        return choice.destination();
    }

    /** Goes through the candidates, best first, and keeps what may be used. */
    private final class Choice {
        private final Route route;
        private final boolean configured;
        private final String domain;
        private final List<Destination.Host> hosts = new ArrayList<>();
        private final List<Integer> preferences = new ArrayList<>();
        private int ownPreference = Integer.MAX_VALUE;
        private boolean refused;
        private String temporary = "";

        Choice(Route route, boolean configured, String domain) {
            this.route = route;
            this.configured = configured;
            this.domain = domain;
        }

        void look(Candidate candidate, DnsAnswer<InetAddress> answer) {
            if (!configured && own.isOwnName(candidate.name())) {
                ownPreference = Math.min(ownPreference, candidate.preference());
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
            }
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

        Destination destination() {
            List<Destination.Host> better = new ArrayList<>();
            for (int i = 0; i < hosts.size(); i++) {
                if (preferences.get(i) < ownPreference) {
                    better.add(hosts.get(i));
                }
            }
            if (!better.isEmpty()) {
                return new Destination.Hosts(better, route, domain);
            } else if (ownPreference < Integer.MAX_VALUE) {
                return new Destination.None(LOOP, "Mail for " + domain + " loops back to this server");
            } else if (!temporary.isEmpty()) {
                return new Destination.None(DNS_FAILED, temporary);
            } else if (refused) {
                return new Destination.None(
                        NO_ROUTE, "The mail server of " + domain + " has an address that no mail can be sent to");
            }
            return configured
                    ? new Destination.None(
                            new EnhancedStatus(4, 4, 4),
                            "The route of " + domain + " leads to a host without an address")
                    : new Destination.None(NO_SUCH_DOMAIN, "No mail server of " + domain + " has an address");
        }
    }
}
