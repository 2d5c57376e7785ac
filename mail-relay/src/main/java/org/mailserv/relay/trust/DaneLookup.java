package org.mailserv.relay.trust;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.AddressLiterals;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.relay.smtp.TlsaRecords;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.dns.DnsAnswer;

/**
 * Looks up the TLSA records of a host whose name was obtained securely. If the name is an alias, the expanded name is tried before the
 * original, each only if its own part of the chain is signed.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7672#section-2.2.2">RFC 7672, 2.2.2 and 2.2.3</a>
 */
final class DaneLookup {
    private final Dns dns;

    DaneLookup(Dns dns) {
        this.dns = dns;
    }

    /**
     * The result of a lookup for a host.
     *
     * @param demand the host's TLS requirements; null if it has no secure TLSA records
     * @param failure the reason for a temporary failure, so that the host must not be used now; else empty
     */
    record Verdict(@Nullable TlsDemand demand, String failure) {
        private static CompletionStage<Verdict> none() {
            return CompletableFuture.completedFuture(new Verdict(null, ""));
        }

        private static CompletionStage<Verdict> failed(String text) {
            return CompletableFuture.completedFuture(new Verdict(null, text));
        }
    }

    /**
     * Looks up a host. The stage never completes exceptionally.
     *
     * @param nextHop names of the next hop, which the certificate may contain instead of the host's
     */
    CompletionStage<Verdict> find(String host, int port, List<String> nextHop) {
        if (host.startsWith("[") || AddressLiterals.toInetAddress("[" + host + "]") != null) {
            return Verdict.none();
        }
        return dns.addresses(host).thenCompose((DnsAnswer<InetAddress> answer) -> {
            if (answer instanceof DnsAnswer.TemporaryFailure<InetAddress> failure) {
                return Verdict.failed("The addresses of " + host + " could not be looked up: " + failure.reason());
            } else if (!(answer instanceof DnsAnswer.Found<InetAddress> found)) {
                return Verdict.none();
            } else if (found.authenticated()) {
                return byBases(
                        found.owner().isEmpty() ? List.of(host) : List.of(found.owner(), host), 0, port, nextHop);
            } else {
                return found.owner().isEmpty() ? Verdict.none() : byAlias(host, port, nextHop);
            }
        });
    }

    /** Handles an alias in a signed zone that leads to an unsigned zone. */
    private CompletionStage<Verdict> byAlias(String host, int port, List<String> nextHop) {
        return dns.cname(host).thenCompose((DnsAnswer<String> answer) -> {
            if (answer instanceof DnsAnswer.TemporaryFailure<String> failure) {
                return Verdict.failed("The alias " + host + " could not be looked up: " + failure.reason());
            }
            return answer instanceof DnsAnswer.Found<String> alias && alias.authenticated()
                    ? byBases(List.of(host), 0, port, nextHop)
                    : Verdict.none();
        });
    }

    private CompletionStage<Verdict> byBases(List<String> bases, int index, int port, List<String> nextHop) {
        if (index == bases.size()) {
            return Verdict.none();
        }
        String base = bases.get(index);
        return dns.tlsa("_" + port + "._tcp." + base).thenCompose((DnsAnswer<TlsaRecord> answer) -> {
            if (answer instanceof DnsAnswer.TemporaryFailure<TlsaRecord> failure) {
                return Verdict.failed("The TLSA records of " + base + "could not be looked up: " + failure.reason());
            } else if (answer instanceof DnsAnswer.Found<TlsaRecord> found && found.authenticated()) {
                List<String> names = new ArrayList<>(List.of(base));
                nextHop.stream().filter(name -> !names.contains(name)).forEach(names::add);
                TlsDemand demand = TlsDemand.dane(TlsaRecords.usable(found.records()), names);
                return CompletableFuture.completedFuture(new Verdict(demand, ""));
            }
            return byBases(bases, index + 1, port, nextHop);
        });
    }
}
