package org.mailserv.server.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;

/** A DNS in memory. Answers at once, or never when it is dead. */
public final class FakeDns implements Dns {
    private final Map<String, Map<String, List<Object>>> zone = new HashMap<>();
    private final Set<String> failing = new HashSet<>();
    private final Set<String> silent = new HashSet<>();
    private volatile boolean dead;
    private int questions;

    private static String key(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private FakeDns put(String name, String type, Object value) {
        zone.computeIfAbsent(key(name), any -> new HashMap<>())
                .computeIfAbsent(type, any -> new ArrayList<>())
                .add(value);
        return this;
    }

    public FakeDns withTxt(String name, String text) {
        return put(name, "TXT", text);
    }

    public FakeDns withAddress(String name, String address) {
        InetAddress parsed = address(address);
        return put(name, parsed.getAddress().length == 4 ? "A" : "AAAA", parsed);
    }

    public FakeDns withMx(String name, int preference, String exchange) {
        return put(name, "MX", new MxRecord(preference, key(exchange)));
    }

    /** @param reversed name under in-addr.arpa or ip6.arpa */
    public FakeDns withPtr(String reversed, String host) {
        return put(reversed, "PTR", key(host));
    }

    public FakeDns withCname(String name, String target) {
        return put(name, "CNAME", key(target));
    }

    /** The name exists, perhaps without records. */
    public FakeDns withName(String name) {
        zone.computeIfAbsent(key(name), any -> new HashMap<>());
        return this;
    }

    /** Questions for what is not there are answered with a failure. */
    public FakeDns failing(String name) {
        failing.add(key(name));
        return withName(name);
    }

    /** Questions for the name are never answered. */
    public FakeDns silent(String name) {
        silent.add(key(name));
        return this;
    }

    /** From now on no question is answered. */
    public void die() {
        dead = true;
    }

    /** Questions so far. */
    public int questions() {
        return questions;
    }

    private <T> CompletionStage<DnsAnswer<T>> ask(String name, String type, Class<T> as) {
        questions++;
        return dead || silent.contains(key(name))
                ? new CompletableFuture<>()
                : CompletableFuture.completedFuture(answer(key(name), type, as, 0));
    }

    private <T> DnsAnswer<T> answer(String name, String type, Class<T> as, int depth) {
        Map<String, List<Object>> records = zone.get(name);
        if (records == null) {
            return new DnsAnswer.NoSuchDomain<>(false);
        }
        List<Object> found = records.get(type);
        if (found != null) {
            return new DnsAnswer.Found<>(found.stream().map(as::cast).toList(), false, Duration.ofMinutes(5));
        } else if (failing.contains(name)) {
            return new DnsAnswer.TemporaryFailure<>("SERVFAIL");
        }
        List<Object> alias = records.get("CNAME");
        return alias != null && depth < 8
                ? answer(String.valueOf(alias.get(0)), type, as, depth + 1)
                : new DnsAnswer.NoData<>(false);
    }

    @Override
    public CompletionStage<DnsAnswer<MxRecord>> mx(String domain) {
        return ask(domain, "MX", MxRecord.class);
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        return ipv4(host)
                .thenCompose(answer ->
                        answer instanceof DnsAnswer.Found ? CompletableFuture.completedFuture(answer) : ipv6(host));
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv4(String host) {
        return ask(host, "A", InetAddress.class);
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv6(String host) {
        return ask(host, "AAAA", InetAddress.class);
    }

    @Override
    public CompletionStage<DnsAnswer<String>> cname(String name) {
        return ask(name, "CNAME", String.class);
    }

    @Override
    public CompletionStage<DnsAnswer<String>> txt(String name) {
        return ask(name, "TXT", String.class);
    }

    @Override
    public CompletionStage<DnsAnswer<String>> ptr(InetAddress address) {
        return ask(reversed(address), "PTR", String.class);
    }

    @Override
    public CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name) {
        return ask(name, "TLSA", TlsaRecord.class);
    }

    @Override
    public CompletionStage<DnsAnswer<SrvRecord>> srv(String name) {
        return ask(name, "SRV", SrvRecord.class);
    }

    private static String reversed(InetAddress address) {
        byte[] octets = address.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = octets.length - 1; i >= 0; i--) {
            int octet = octets[i] & 0xFF;
            if (octets.length == 4) {
                name.append(octet).append('.');
            } else {
                name.append(Integer.toHexString(octet & 15)).append('.');
                name.append(Integer.toHexString(octet >> 4)).append('.');
            }
        }
        return name.append(octets.length == 4 ? "in-addr.arpa" : "ip6.arpa").toString();
    }

    /** An address from its text, without the DNS. */
    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
