package org.mailserv.server.dns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A resolver whose queries all complete within a time limit, for callers with a deadline. A late answer becomes a
 * {@link DnsAnswer.TemporaryFailure}; the query itself continues, and its answer is cached. The limit may be shorter
 * than the combined timeouts of all servers.
 */
public final class TimeLimitedDns implements Dns {
    private final Dns dns;
    private final Duration limit;

    /** @param limit time limit for each query */
    public TimeLimitedDns(Dns dns, Duration limit) {
        this.dns = dns;
        this.limit = limit;
    }

    private <T> CompletionStage<DnsAnswer<T>> within(CompletionStage<DnsAnswer<T>> stage) {
        CompletableFuture<DnsAnswer<T>> future = stage.toCompletableFuture();
        return future.isDone()
                ? stage
                : future.copy()
                        .completeOnTimeout(
                                new DnsAnswer.TemporaryFailure<>("no answer within " + limit.toMillis() + " ms"),
                                limit.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<DnsAnswer<MxRecord>> mx(String domain) {
        return within(dns.mx(domain));
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        return within(dns.addresses(host));
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv4(String host) {
        return within(dns.ipv4(host));
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv6(String host) {
        return within(dns.ipv6(host));
    }

    @Override
    public CompletionStage<DnsAnswer<String>> cname(String name) {
        return within(dns.cname(name));
    }

    @Override
    public CompletionStage<DnsAnswer<String>> txt(String name) {
        return within(dns.txt(name));
    }

    @Override
    public CompletionStage<DnsAnswer<String>> ptr(InetAddress address) {
        return within(dns.ptr(address));
    }

    @Override
    public CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name) {
        return within(dns.tlsa(name));
    }

    @Override
    public CompletionStage<DnsAnswer<SrvRecord>> srv(String name) {
        return within(dns.srv(name));
    }
}
