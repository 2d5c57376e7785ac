package org.mailserv.acme;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.tls.AcmeConfig;

/**
 * The names that the certificate should contain besides the host name: the configured ones, or those of the well-known names of mail that
 * the DNS has with an address of this server. Others would fail at each attempt.
 */
final class WantedNames {
    private static final List<String> PREFIXES = List.of("mta-sts.", "autoconfig.", "autodiscover.");
    private static final int PATIENCE_SECONDS = 60;

    private final String host;
    private final List<String> configured;
    private final Supplier<? extends Collection<String>> domains;
    private final Dns dns;

    /** @param domains the local domains, which a reload may change */
    WantedNames(String host, List<String> configured, Supplier<? extends Collection<String>> domains, Dns dns) {
        this.host = DomainNames.canonical(host);
        this.configured = configured.stream().map(WantedNames::ascii).toList();
        this.domains = domains;
        this.dns = dns;
    }

    private static String ascii(String name) {
        return name.startsWith("*.") ? "*." + DomainNames.canonical(name.substring(2)) : DomainNames.canonical(name);
    }

    String host() {
        return host;
    }

    /**
     * Returns the names without the host name, in a stable order, at most as many as fit into a certificate. Blocks.
     *
     * @param held names of the current certificate, which are kept while the DNS does not answer
     */
    List<String> others(Set<String> held) throws InterruptedException {
        List<String> names = configured.isEmpty() ? inDns(held) : configured;
        return names.stream()
                .filter(name -> !name.equals(host))
                .distinct()
                .limit(AcmeConfig.maxNames() - 1L)
                .toList();
    }

    private List<String> inDns(Set<String> held) throws InterruptedException {
        Map<String, CompletionStage<DnsAnswer<InetAddress>>> asked = new LinkedHashMap<>();
        for (String domain : domains.get()) {
            String name = DomainNames.canonical(domain);
            PREFIXES.forEach(prefix -> asked.put(prefix + name, dns.addresses(prefix + name)));
        }
        DnsAnswer<InetAddress> own = answer(dns.addresses(host));
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, CompletionStage<DnsAnswer<InetAddress>>> each : asked.entrySet()) {
            DnsAnswer<InetAddress> answer = answer(each.getValue());
            boolean unknown = own instanceof DnsAnswer.TemporaryFailure<InetAddress>
                    || answer instanceof DnsAnswer.TemporaryFailure<InetAddress>;
            if (unknown ? held.contains(each.getKey()) : shareAddress(own, answer)) {
                names.add(each.getKey());
            }
        }
        return names;
    }

    private static boolean shareAddress(DnsAnswer<InetAddress> one, DnsAnswer<InetAddress> other) {
        return one instanceof DnsAnswer.Found<InetAddress> ours
                && other instanceof DnsAnswer.Found<InetAddress> theirs
                && theirs.records().stream().anyMatch(ours.records()::contains);
    }

    /** Waits for an answer. One that does not come is a temporary failure. */
    static <T> DnsAnswer<T> answer(CompletionStage<DnsAnswer<T>> stage) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return new DnsAnswer.TemporaryFailure<>("no answer");
        }
    }
}
