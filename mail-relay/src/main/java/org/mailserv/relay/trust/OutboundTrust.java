package org.mailserv.relay.trust;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.route.HostTrust;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Determines the TLS requirements of a next hop's servers: DANE if the whole DNS chain is signed, else MTA-STS, else the route's policy.
 * Thread-safe. RFC 7672, 2.2; RFC 8461, 2.
 */
public final class OutboundTrust implements HostTrust {
    private static final EnhancedStatus DNS_FAILED = new EnhancedStatus(4, 4, 3);
    private static final EnhancedStatus NOT_TRUSTED = new EnhancedStatus(4, 7, 5);

    private final Dns dns;
    private final @Nullable DaneLookup dane;
    private final @Nullable StsPolicies policies;

    /**
     * @param dane whether TLSA records are used
     * @param policies MTA-STS policies; null to ignore them
     */
    public OutboundTrust(Dns dns, boolean dane, @Nullable StsPolicies policies) {
        this.dns = dns;
        this.dane = dane ? new DaneLookup(dns) : null;
        this.policies = policies;
    }

    @Override
    public CompletionStage<Destination> secure(String domain, Destination.Hosts found) {
        if (found.route().host() != null) {
            // The host is configured, so its name is secure, and no domain's MTA-STS policy applies to it.
            return dane == null ? done(found) : byDane(dane, found, List.of(domain));
        }
        CompletionStage<Destination> first = dane == null ? done(found) : byMx(dane, domain, found);
        return first.thenCompose(destination -> destination instanceof Destination.Hosts hosts && policies != null
                ? policies.find(domain).thenApply(policy -> bySts(domain, hosts, policy))
                : done(destination));
    }

    private static CompletionStage<Destination> done(Destination destination) {
        return CompletableFuture.completedFuture(destination);
    }

    /** Applies DANE only if the MX records are signed. RFC 7672, 2.2.1. */
    private CompletionStage<Destination> byMx(DaneLookup lookup, String domain, Destination.Hosts found) {
        return dns.mx(domain).thenCompose((DnsAnswer<MxRecord> answer) -> {
            if (answer instanceof DnsAnswer.TemporaryFailure<MxRecord> failure) {
                return done(new Destination.None(
                        DNS_FAILED, "The DNS could not be asked for the MX of " + domain + ": " + failure.reason()));
            } else if (answer instanceof DnsAnswer.Found<MxRecord> mx && mx.authenticated()) {
                return byDane(lookup, found, mx.owner().isEmpty() ? List.of(domain) : List.of(domain, mx.owner()));
            }
            return answer instanceof DnsAnswer.NoData<MxRecord> none && none.authenticated()
                    ? byDane(lookup, found, List.of(domain))
                    : done(found);
        });
    }

    /** @param nextHop names of the next hop, which certificates may contain instead of the host's. RFC 7672, 3.2.2 */
    private static CompletionStage<Destination> byDane(
            DaneLookup lookup, Destination.Hosts found, List<String> nextHop) {
        CompletionStage<List<DaneLookup.Verdict>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Destination.Host host : found.hosts()) {
            all = all.thenCombine(lookup.find(host.name(), found.route().port(), nextHop), (list, verdict) -> {
                list.add(verdict);
                return list;
            });
        }
        return all.thenApply(list -> {
            List<Destination.Host> usable = new ArrayList<>();
            String failure = "";
            for (int i = 0; i < list.size(); i++) {
                Destination.Host host = found.hosts().get(i);
                TlsDemand demand = list.get(i).demand();
                if (list.get(i).failure().isEmpty()) {
                    usable.add(demand == null ? host : host.demanding(demand));
                } else {
                    failure = list.get(i).failure();
                }
            }
            // RFC 7672, 2.1.3: a host whose TLSA lookup fails temporarily is not used.
            return usable.isEmpty()
                    ? new Destination.None(DNS_FAILED, failure)
                    : new Destination.Hosts(usable, found.route(), found.domain());
        });
    }

    private static Destination bySts(String domain, Destination.Hosts hosts, @Nullable StsPolicy policy) {
        if (policy == null || policy.mode() != StsPolicy.Mode.ENFORCE) {
            return hosts;
        }
        List<Destination.Host> named = new ArrayList<>();
        for (Destination.Host host : hosts.hosts()) {
            if (host.demand() != null) {
                named.add(host);
            } else if (policy.names(host.name())) {
                named.add(host.demanding(TlsDemand.mtaSts()));
            }
        }
        return named.isEmpty()
                ? new Destination.None(
                        NOT_TRUSTED, "The MTA-STS policy of " + domain + " lists none of the servers in its MX records")
                : new Destination.Hosts(named, hosts.route(), hosts.domain());
    }
}
