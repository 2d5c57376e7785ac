package org.mailserv.relay.route;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.mailserv.codec.address.AddressLiterals;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Resolves a domain to its hosts: by the configured route, else by MX records, else by the domain's own addresses. Skips loopback and
 * unspecified addresses, this server's own listeners, and hosts whose preference is not better than this server's own.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-5.1">RFC 5321, 5.1</a>
 */
public final class Router {
    /** The maximum number of hosts that are looked up for a domain with very many MX records. */
    private static final int MAX_LOOK_UPS = 100;

    private static final EnhancedStatus NO_SUCH_DOMAIN = new EnhancedStatus(5, 1, 2);
    private static final EnhancedStatus NULL_MX = new EnhancedStatus(5, 1, 10);
    private static final EnhancedStatus DNS_FAILED = new EnhancedStatus(4, 4, 3);

    private final Dns dns;
    private final OwnAddresses own;
    private final boolean allowLoopback;
    private final int maxHosts;
    private final RandomGenerator random;
    private final HostTrust trust;

    /** @param trust determines the TLS requirements of hosts when the route leaves them to the domain */
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
     * Finds the destination of a domain. The stage never completes exceptionally.
     *
     * @param domain in lower case; a name or an address literal
     */
    public CompletionStage<Destination> find(String domain, Route route) {
        String host = route.host();
        if (host != null) {
            // Configured by the operator: other ports of this machine are allowed, but never this server's own
            // listener.
            CompletionStage<Destination> named = lookUp(List.of(new Candidate(host, 0)), route, true, domain);
            String nextHop = toAscii(host);
            return route.lmtp() ? named : secured(named, nextHop.isEmpty() ? host : nextHop, route);
        }
        if (domain.startsWith("[")) {
            return CompletableFuture.completedFuture(literal(domain, route));
        }
        String name = toAscii(domain);
        if (name.isEmpty()) {
            return failed(NO_SUCH_DOMAIN, "The domain " + domain + " is not a name that can be in the DNS");
        }
        return secured(dns.mx(name).thenCompose(answer -> byMx(name, answer, route)), name, route);
    }

    /** Applies the next hop's published TLS policy if the route does not fix one. */
    private CompletionStage<Destination> secured(CompletionStage<Destination> found, String nextHop, Route route) {
        return route.tls() != TlsPolicy.MAY
                ? found
                : found.thenCompose(destination -> destination instanceof Destination.Hosts hosts
                        ? trust.secure(nextHop, hosts)
                        : CompletableFuture.completedFuture(destination));
    }

    private static String toAscii(String domain) {
        String ascii = DomainNames.toAscii(domain);
        return ascii == null ? "" : ascii;
    }

    private CompletionStage<Destination> byMx(String domain, DnsAnswer<MxRecord> answer, Route route) {
        if (answer instanceof DnsAnswer.Found<MxRecord> found) {
            if (isNullMx(found.records())) {
                return failed(NULL_MX, "The domain " + domain + " takes no mail (null MX)");
            }
            return lookUp(inOrder(found.records()), route, false, domain);
        } else if (answer instanceof DnsAnswer.NoData<MxRecord>) {
            return lookUp(List.of(new Candidate(domain, 0)), route, false, domain);
        } else if (answer instanceof DnsAnswer.NoSuchDomain<MxRecord>) {
            return failed(NO_SUCH_DOMAIN, "The domain " + domain + " does not exist");
        }
        return failed(DNS_FAILED, "The DNS could not be asked for the MX of " + domain + HostChoice.reason(answer));
    }

    /** Returns whether the records are a null MX, which must be the only record. RFC 7505, 3. */
    private static boolean isNullMx(List<MxRecord> records) {
        return records.stream()
                .allMatch(mx -> mx.preference() == 0 && mx.exchange().isEmpty());
    }

    private static CompletionStage<Destination> failed(EnhancedStatus status, String text) {
        return CompletableFuture.completedFuture(new Destination.None(status, text));
    }

    /** Sorts by preference, in random order among equals. Keeps the better of duplicate hosts. RFC 5321, 5.1. */
    private List<Candidate> inOrder(List<MxRecord> records) {
        List<Candidate> candidates = new ArrayList<>();
        records.forEach(mx -> candidates.add(new Candidate(mx.exchange(), mx.preference())));
        for (int i = candidates.size() - 1; i > 0; i--) {
            Collections.swap(candidates, i, random.nextInt(i + 1));
        }
        candidates.sort(Comparator.comparingInt(Candidate::preference));
        Set<String> names = new HashSet<>();
        candidates.removeIf(candidate -> !names.add(candidate.name()));
        return candidates;
    }

    private CompletionStage<Destination> lookUp(
            List<Candidate> candidates, Route route, boolean configured, String domain) {
        HostChoice choice = new HostChoice(own, allowLoopback, route, configured, domain);
        candidates.forEach(choice::lookAtName);
        return lookUp(candidates, 0, choice);
    }

    /** Looks up the missing number of hosts in parallel, until enough of them have an address. */
    private CompletionStage<Destination> lookUp(List<Candidate> candidates, int from, HostChoice choice) {
        int missing = maxHosts - choice.count();
        if (from >= candidates.size()
                || missing <= 0
                || !choice.isBetterThanUs(candidates.get(from).preference())) {
            return CompletableFuture.completedFuture(choice.destination(maxHosts));
        } else if (from >= MAX_LOOK_UPS) {
            choice.endEarly(MAX_LOOK_UPS);
            return CompletableFuture.completedFuture(choice.destination(maxHosts));
        }
        int to = Math.min(from + missing, candidates.size());
        // Include all hosts of the same preference: one of them may be this server.
        while (to < candidates.size()
                && to < MAX_LOOK_UPS
                && candidates.get(to).preference() == candidates.get(to - 1).preference()) {
            to++;
        }
        List<Candidate> now = candidates.subList(from, to);
        int next = to;
        List<CompletableFuture<DnsAnswer<InetAddress>>> answers = new ArrayList<>();
        now.forEach(candidate -> answers.add(addresses(candidate.name()).toCompletableFuture()));
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenCompose(all -> {
                    for (int i = 0; i < now.size(); i++) {
                        choice.look(now.get(i), answers.get(i).getNow(new DnsAnswer.TemporaryFailure<>("no answer")));
                    }
                    return lookUp(candidates, next, choice);
                });
    }

    private CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        if (host.isEmpty()) {
            return CompletableFuture.completedFuture(new DnsAnswer.NoData<>(false));
        }
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
        HostChoice choice = new HostChoice(own, allowLoopback, route, false, domain);
        choice.look(new Candidate(domain, 0), new DnsAnswer.Found<>(List.of(address), false, Duration.ZERO));
        return choice.destination(maxHosts);
    }
}
