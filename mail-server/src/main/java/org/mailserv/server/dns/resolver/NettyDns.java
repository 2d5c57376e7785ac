package org.mailserv.server.dns.resolver;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;

/**
 * A resolver based on Netty's DNS client. It fails over between servers, retries truncated answers over TCP, follows
 * CNAMEs, caches answers and negative answers for their TTL, and combines identical concurrent queries. Temporary
 * failures are not cached. Stages complete on the given event loop, or immediately.
 */
public final class NettyDns implements Dns, AutoCloseable {
    private static final int MAX_ALIASES = 8;
    private static final int MAX_NAME = 253;
    private static final int MAX_WAITING = 10_000;

    private final EventLoop loop;
    private final DnsConfig config;
    private final DnsNameResolver resolver;
    private final Servers servers;
    private final AsyncCache<Question, Kept> cache;
    private final @Nullable DefaultHostsFileEntriesResolver hosts;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int running;

    /** A cached answer, or the reason why there is none. */
    private record Kept(
            List<Response.Data> records,
            boolean noSuchDomain,
            boolean authenticated,
            Duration ttl,
            String owner,
            String failure) {
        static Kept failed(String reason) {
            return new Kept(List.of(), false, false, Duration.ZERO, "", reason);
        }
    }

    /**
     * @param loop event loop that runs all queries
     * @param datagrams matching channel type for UDP
     * @param streams matching channel type for TCP
     */
    public NettyDns(
            DnsConfig config,
            EventLoop loop,
            Class<? extends DatagramChannel> datagrams,
            Class<? extends SocketChannel> streams) {
        this(config, loop, datagrams, streams, Ticker.systemTicker());
    }

    NettyDns(
            DnsConfig config,
            EventLoop loop,
            Class<? extends DatagramChannel> datagrams,
            Class<? extends SocketChannel> streams,
            Ticker ticker) {
        this.loop = loop;
        this.config = config;
        this.hosts = config.hostsFile() ? new DefaultHostsFileEntriesResolver() : null;
        List<InetSocketAddress> configured = config.addresses();
        servers = new Servers(configured.isEmpty() ? SystemServers.read(Path.of("/etc/resolv.conf")) : configured);
        ChannelFactory<DatagramChannel> newChannel = new ReflectiveChannelFactory<>(datagrams);
        resolver = new DnsNameResolverBuilder(loop)
                // Each query names its server. Netty's own provider would read the system's servers again.
                .nameServerProvider(host -> servers.stream())
                .datagramChannelFactory(() -> {
                    DatagramChannel channel = newChannel.newChannel();
                    channel.pipeline().addLast(new QuestionRepair());
                    return channel;
                })
                .socketChannelType(streams, true)
                // A separate port for each query makes answers hard to forge. RFC 5452, 9.2
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .queryTimeoutMillis(config.timeout().toMillis())
                .optResourceEnabled(false)
                .recursionDesired(true)
                .build();
        cache = Caffeine.newBuilder()
                .maximumSize(config.cacheSize())
                .expireAfter(Expiry.creating((Question question, Kept kept) -> kept.ttl()))
                .ticker(ticker)
                .executor(Runnable::run)
                .buildAsync();
    }

    @Override
    public CompletionStage<DnsAnswer<MxRecord>> mx(String domain) {
        return ask(domain, DnsRecordType.MX, data -> {
            byte[] octets = data.octets();
            return new MxRecord((octets[0] & 0xFF) << 8 | octets[1] & 0xFF, data.name());
        });
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> addresses(String host) {
        return ipv6(host).thenCombine(ipv4(host), NettyDns::both);
    }

    private static DnsAnswer<InetAddress> both(DnsAnswer<InetAddress> six, DnsAnswer<InetAddress> four) {
        if (six instanceof DnsAnswer.Found<InetAddress> a && four instanceof DnsAnswer.Found<InetAddress> b) {
            List<InetAddress> all = new ArrayList<>(a.records());
            all.addAll(b.records());
            Duration ttl = a.ttl().compareTo(b.ttl()) < 0 ? a.ttl() : b.ttl();
            String owner = a.owner().isEmpty() ? b.owner() : a.owner();
            return new DnsAnswer.Found<>(all, a.authenticated() || b.authenticated(), ttl, owner);
        } else if (six instanceof DnsAnswer.Found) {
            return six;
        } else if (four instanceof DnsAnswer.Found || six instanceof DnsAnswer.NoSuchDomain) {
            return four;
        }
        return six instanceof DnsAnswer.TemporaryFailure ? six : four;
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv4(String host) {
        return addresses(host, DnsRecordType.A, ResolvedAddressTypes.IPV4_ONLY);
    }

    @Override
    public CompletionStage<DnsAnswer<InetAddress>> ipv6(String host) {
        return addresses(host, DnsRecordType.AAAA, ResolvedAddressTypes.IPV6_ONLY);
    }

    private CompletionStage<DnsAnswer<InetAddress>> addresses(
            String host, DnsRecordType type, ResolvedAddressTypes family) {
        if (hosts != null) {
            List<InetAddress> listed = hosts.addresses(host, family);
            if (listed != null && !listed.isEmpty()) {
                return CompletableFuture.completedFuture(new DnsAnswer.Found<>(listed, false, Duration.ZERO));
            }
        }
        return ask(host, type, data -> address(data.octets()));
    }

    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public CompletionStage<DnsAnswer<String>> cname(String name) {
        return ask(name, DnsRecordType.CNAME, Response.Data::name);
    }

    @Override
    public CompletionStage<DnsAnswer<String>> txt(String name) {
        return ask(name, DnsRecordType.TXT, data -> joined(data.octets()));
    }

    /** Concatenates character strings, each preceded by its length. RFC 1035, 3.3.14. */
    private static String joined(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length);
        int at = 0;
        while (at < octets.length) {
            int length = octets[at++] & 0xFF;
            if (length > octets.length - at) {
                throw new IllegalArgumentException("a TXT record that ends within a string");
            }
            text.append(new String(octets, at, length, StandardCharsets.ISO_8859_1));
            at += length;
        }
        return text.toString();
    }

    @Override
    public CompletionStage<DnsAnswer<String>> ptr(InetAddress address) {
        return ask(reverseName(address), DnsRecordType.PTR, Response.Data::name);
    }

    /** Returns the name for a reverse look-up. RFC 1035, 3.5; RFC 3596, 2.5. */
    private static String reverseName(InetAddress address) {
        byte[] octets = address.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = octets.length - 1; i >= 0; i--) {
            int octet = octets[i] & 0xFF;
            if (octets.length == 4) {
                name.append(octet).append('.');
            } else {
                name.append(Character.forDigit(octet & 0xF, 16)).append('.');
                name.append(Character.forDigit(octet >> 4, 16)).append('.');
            }
        }
        return name.append(octets.length == 4 ? "in-addr.arpa" : "ip6.arpa").toString();
    }

    @Override
    public CompletionStage<DnsAnswer<TlsaRecord>> tlsa(String name) {
        return ask(name, DnsRecordType.TLSA, data -> {
            byte[] octets = data.octets();
            return new TlsaRecord(
                    octets[0] & 0xFF, octets[1] & 0xFF, octets[2] & 0xFF, Arrays.copyOfRange(octets, 3, octets.length));
        });
    }

    @Override
    public CompletionStage<DnsAnswer<SrvRecord>> srv(String name) {
        return ask(name, DnsRecordType.SRV, data -> {
            ByteBuffer numbers = ByteBuffer.wrap(data.octets());
            return new SrvRecord(
                    Short.toUnsignedInt(numbers.getShort()),
                    Short.toUnsignedInt(numbers.getShort()),
                    Short.toUnsignedInt(numbers.getShort()),
                    data.name());
        });
    }

    private <T> CompletionStage<DnsAnswer<T>> ask(String name, DnsRecordType type, Function<Response.Data, T> reader) {
        String ascii = ascii(name);
        if (ascii.isEmpty()) {
            return CompletableFuture.completedFuture(new DnsAnswer.NoSuchDomain<>(false));
        }
        return cache.get(new Question(ascii, type), (question, executor) -> find(question))
                .handle((kept, failure) -> kept == null
                        ? new DnsAnswer.TemporaryFailure<T>(Failures.text(failure))
                        : answer(kept, reader));
    }

    /** Returns the ASCII form of a name, or an empty text if it cannot be a DNS name. RFC 1035, 2.3.4. */
    private static String ascii(String name) {
        String ascii = DomainNames.toAscii(name);
        return ascii != null && ascii.length() <= MAX_NAME ? ascii : "";
    }

    private <T> DnsAnswer<T> answer(Kept kept, Function<Response.Data, T> reader) {
        if (!kept.failure().isEmpty()) {
            return new DnsAnswer.TemporaryFailure<>(kept.failure());
        } else if (kept.noSuchDomain()) {
            return new DnsAnswer.NoSuchDomain<>(kept.authenticated());
        } else if (kept.records().isEmpty()) {
            return new DnsAnswer.NoData<>(kept.authenticated());
        }
        try {
            List<T> records = kept.records().stream().map(reader).toList();
            return new DnsAnswer.Found<>(records, kept.authenticated(), kept.ttl(), kept.owner());
        } catch (RuntimeException e) {
            return new DnsAnswer.TemporaryFailure<>("a record that makes no sense: " + Failures.text(e));
        }
    }

    private CompletableFuture<Kept> find(Question question) {
        CompletableFuture<Kept> found = new CompletableFuture<>();
        if (loop.inEventLoop()) {
            admit(question, found);
        } else {
            try {
                loop.execute(() -> admit(question, found));
            } catch (RuntimeException e) {
                found.complete(Kept.failed("the server is stopping"));
            }
        }
        return found;
    }

    private void admit(Question question, CompletableFuture<Kept> found) {
        if (running < config.maxQueries()) {
            running++;
            follow(question, question.name(), Duration.ofDays(1), true, 0, found);
        } else if (waiting.size() < MAX_WAITING) {
            waiting.add(() -> admit(question, found));
        } else {
            found.complete(Kept.failed("too many questions at once"));
        }
    }

    private void follow(
            Question question,
            String name,
            Duration ttl,
            boolean authenticated,
            int aliases,
            CompletableFuture<Kept> found) {
        Question now = new Question(name, question.type());
        new Query(resolver, servers, now, config.rounds(), config.trusted())
                .start()
                .whenComplete((result, failure) -> {
                    Response response = result == null ? null : result.response();
                    if (response == null) {
                        finish(
                                question,
                                found,
                                Kept.failed(result == null ? Failures.text(failure) : result.failure()));
                        return;
                    }
                    Duration left = least(ttl, Duration.ofSeconds(Math.min(response.ttl(), 1L << 31)));
                    boolean secure = authenticated && config.trusted() && response.authenticated();
                    String alias = response.alias();
                    boolean exists = response.code().equals(DnsResponseCode.NOERROR);
                    if (alias == null || !exists) {
                        Duration most = response.records().isEmpty() ? config.maxNegativeTtl() : config.maxTtl();
                        String owner = response.owner().equals(question.name()) ? "" : response.owner();
                        finish(
                                question,
                                found,
                                new Kept(response.records(), !exists, secure, least(left, most), owner, ""));
                    } else if (aliases >= MAX_ALIASES) {
                        finish(question, found, Kept.failed("too many CNAMEs for " + question.name()));
                    } else {
                        follow(question, alias, left, secure, aliases + 1, found);
                    }
                });
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void finish(Question question, CompletableFuture<Kept> found, Kept kept) {
        running--;
        Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
        if (!kept.failure().isEmpty()) {
            // Removed before anyone is notified, so that a retry does not get the same failure.
            cache.asMap().remove(question, found);
        }
        found.complete(kept);
    }

    @Override
    public void close() {
        resolver.close();
    }
}
