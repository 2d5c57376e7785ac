package org.mailserv.server.check.dkim;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/** A DNS of TXT records. */
final class TxtDns implements Dns {
    final Map<String, String> records = new HashMap<>();
    final Set<String> silent = new HashSet<>();
    boolean broken;

    @Override
    public CompletionStage<DnsAnswer<String>> txt(String name) {
        if (silent.contains(name)) {
            return new CompletableFuture<>();
        }
        String record = records.get(name);
        return CompletableFuture.completedFuture(
                broken
                        ? new DnsAnswer.TemporaryFailure<>("SERVFAIL")
                        : record == null
                                ? new DnsAnswer.NoSuchDomain<>(false)
                                : new DnsAnswer.Found<>(List.of(record), false, Duration.ZERO));
    }

    @Override
    public CompletionStage<DnsAnswer<MxRecord>> mx(String domain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<String>> cname(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv4(String host) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv6(String host) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<String>> ptr(InetAddress address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<DnsAnswer<SrvRecord>> srv(String name) {
        throw new UnsupportedOperationException();
    }
}
