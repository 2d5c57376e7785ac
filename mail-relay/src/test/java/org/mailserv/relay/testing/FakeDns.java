package org.mailserv.relay.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/** A DNS that says what it is told to; what it was not told of does not exist. */
public final class FakeDns implements Dns {
    private final Map<String, List<MxRecord>> mx = new HashMap<>();
    private final Map<String, List<InetAddress>> hosts = new HashMap<>();
    private final Set<String> broken = new HashSet<>();
    private int lookUps;

    public synchronized FakeDns mx(String domain, int preference, String host) {
        mx.computeIfAbsent(domain, key -> new ArrayList<>()).add(new MxRecord(preference, host));
        return this;
    }

    public synchronized FakeDns host(String host, String... addresses) {
        for (String address : addresses) {
            hosts.computeIfAbsent(host, key -> new ArrayList<>()).add(address(address));
        }
        return this;
    }

    /** From now on every question about the name is answered with SERVFAIL, or no longer. */
    public synchronized FakeDns broken(String name, boolean now) {
        if (now) {
            broken.add(name);
        } else {
            broken.remove(name);
        }
        return this;
    }

    public synchronized int lookUps() {
        return lookUps;
    }

    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private synchronized <T> CompletionStage<DnsAnswer<T>> answer(String name, List<T> records) {
        lookUps++;
        DnsAnswer<T> answer;
        if (broken.contains(name)) {
            answer = new DnsAnswer.TemporaryFailure<>("SERVFAIL");
        } else if (records != null && !records.isEmpty()) {
            answer = new DnsAnswer.Found<>(records, false, Duration.ofMinutes(5));
        } else if (mx.containsKey(name) || hosts.containsKey(name)) {
            answer = new DnsAnswer.NoData<>(false);
        } else {
            answer = new DnsAnswer.NoSuchDomain<>(false);
        }
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public synchronized CompletionStage<DnsAnswer<MxRecord>> mx(String domain) {
        return answer(domain, mx.get(domain));
    }

    @Override
    public synchronized CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        return answer(host, hosts.get(host));
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv4(String host) {
        return addresses(host);
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv6(String host) {
        return addresses(host);
    }

    @Override
    public CompletionStage<DnsAnswer<String>> cname(String name) {
        return answer(name, List.of());
    }

    @Override
    public CompletionStage<DnsAnswer<String>> txt(String name) {
        return answer(name, List.of());
    }

    @Override
    public CompletionStage<DnsAnswer<String>> ptr(InetAddress address) {
        return answer(address.getHostAddress(), List.of());
    }

    @Override
    public CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name) {
        return answer(name, List.of());
    }

    @Override
    public CompletionStage<DnsAnswer<SrvRecord>> srv(String name) {
        return answer(name, List.of());
    }
}
