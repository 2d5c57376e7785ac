package org.mailserv.relay.trust;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.route.HostTrust;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.relay.smtp.DaneTrust;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Asks what the domain of a message says about its servers: DANE where the whole way through the DNS is signed, else MTA-STS, else what the
 * route says. Any thread. RFC 7672, 2.2; RFC 8461, 2.
 */
public final class OutboundTrust implements HostTrust {
    private static final EnhancedStatus DNS_FAILED = new EnhancedStatus(4, 4, 3);
    private static final EnhancedStatus NOT_TRUSTED = new EnhancedStatus(4, 7, 5);

    private final Dns dns;
    private final boolean dane;
    private final @Nullable StsPolicies policies;

    /**
     * @param dane whether TLSA records are looked at
     * @param policies null where those of MTA-STS are not
     */
    public OutboundTrust(Dns dns, boolean dane, @Nullable StsPolicies policies) {
        this.dns = dns;
        this.dane = dane;
        this.policies = policies;
    }

    @Override
    public CompletionStage<Destination> secure(String domain, Destination.Hosts found) {
        CompletionStage<Destination> first =
                dane ? signed(domain).thenCompose(safe -> safe ? byDane(found) : done(found)) : done(found);
        return first.thenCompose(destination -> destination instanceof Destination.Hosts hosts && policies != null
                ? policies.find(domain).thenApply(policy -> bySts(domain, hosts, policy))
                : done(destination));
    }

    private static CompletionStage<Destination> done(Destination destination) {
        return CompletableFuture.completedFuture(destination);
    }

    /** Whether nobody can have changed which servers the domain has. */
    private CompletionStage<Boolean> signed(String domain) {
        return dns.mx(domain).thenApply((DnsAnswer<MxRecord> answer) -> {
            if (answer instanceof DnsAnswer.Found<MxRecord> mx) {
                return mx.authenticated();
            }
            return answer instanceof DnsAnswer.NoData<MxRecord> none && none.authenticated();
        });
    }

    /** What TLSA records say of a host; null when they could not be asked for. */
    private record Asked(Destination.Host host, @Nullable String failure) {}

    private CompletionStage<Destination> byDane(Destination.Hosts found) {
        CompletionStage<List<Asked>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Destination.Host host : found.hosts()) {
            all = all.thenCombine(ask(host, found.route()), (list, asked) -> {
                list.add(asked);
                return list;
            });
        }
        return all.thenApply(list -> {
            List<Destination.Host> usable = new ArrayList<>();
            String failure = "";
            for (Asked asked : list) {
                if (asked.failure() == null) {
                    usable.add(asked.host());
                } else {
                    failure = asked.failure();
                }
            }
            // RFC 7672, 2.1.3: a host whose records cannot be had now is not used now.
            return usable.isEmpty()
                    ? new Destination.None(DNS_FAILED, failure)
                    : new Destination.Hosts(usable, found.route(), found.domain());
        });
    }

    private CompletionStage<Asked> ask(Destination.Host host, Route route) {
        CompletionStage<Boolean> safe = dns.addresses(host.name())
                .thenApply((DnsAnswer<InetAddress> answer) ->
                        answer instanceof DnsAnswer.Found<InetAddress> there && there.authenticated());
        return safe.thenCompose(authenticated -> {
            if (!authenticated) {
                return CompletableFuture.completedFuture(new Asked(host, null));
            }
            return dns.tlsa("_" + route.port() + "._tcp." + host.name()).thenApply(answer -> judge(host, answer));
        });
    }

    private static Asked judge(Destination.Host host, DnsAnswer<TlsaRecord> answer) {
        if (answer instanceof DnsAnswer.TemporaryFailure<TlsaRecord> failure) {
            return new Asked(host, "The TLSA records of " + host.name() + " could not be had: " + failure.reason());
        } else if (answer instanceof DnsAnswer.Found<TlsaRecord> found && found.authenticated()) {
            List<TlsaRecord> usable =
                    found.records().stream().filter(DaneTrust::isUsable).toList();
            return new Asked(host.demanding(TlsDemand.dane(usable)), null);
        }
        return new Asked(host, null);
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
                        NOT_TRUSTED, "The MTA-STS policy of " + domain + " names none of the servers in its MX")
                : new Destination.Hosts(named, hosts.route(), hosts.domain());
    }
}
