package org.mailserv.server.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits on connections: in total, per client, and on new connections per client and second. A client is an IPv4
 * address or the /64 of an IPv6 address, which usually belongs to one customer. Thread-safe.
 */
public final class ConnectionLimits {
    private static final int MAX_TRACKED = 100_000;

    private final Bounds bounds;
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentHashMap<ByteBuffer, Integer> open = new ConcurrentHashMap<>();
    private final Cache<ByteBuffer, AtomicInteger> fresh;

    /**
     * The limits.
     *
     * @param all maximum number of open connections
     * @param perClient maximum number of open connections per client; 0 for no limit
     * @param newPerSecond maximum number of new connections per client and second; 0 for no limit
     * @param exempt clients exempt from the per-client limits
     */
    public record Bounds(int all, int perClient, int newPerSecond, CidrSet exempt) {}

    public ConnectionLimits(Bounds bounds) {
        this(bounds, Ticker.systemTicker());
    }

    ConnectionLimits(Bounds bounds, Ticker ticker) {
        this.bounds = bounds;
        this.fresh = Caffeine.newBuilder()
                .maximumSize(MAX_TRACKED)
                .expireAfterWrite(Duration.ofSeconds(1))
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Admits a connection, which {@link #release} gives back.
     *
     * @return null if the connection is admitted, otherwise the reason
     */
    public @Nullable String acquire(InetAddress address) {
        boolean bounded = !bounds.exempt().contains(address);
        ByteBuffer client = client(address);
        if (bounded && bounds.newPerSecond() > 0) {
            AtomicInteger count = fresh.get(client, key -> new AtomicInteger());
            if (count.incrementAndGet() > bounds.newPerSecond()) {
                return "too many new connections from your address";
            }
        }
        int most = bounded && bounds.perClient() > 0 ? bounds.perClient() : Integer.MAX_VALUE;
        if (open.merge(client, 1, Integer::sum) > most) {
            leave(client);
            return "too many connections from your address";
        }
        if (all.incrementAndGet() > bounds.all()) {
            all.decrementAndGet();
            leave(client);
            return "too many connections";
        }
        return null;
    }

    public void release(InetAddress address) {
        all.decrementAndGet();
        leave(client(address));
    }

    private void leave(ByteBuffer client) {
        open.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Returns the number of open connections. */
    public int open() {
        return all.get();
    }

    private static ByteBuffer client(InetAddress address) {
        byte[] octets = address.getAddress();
        return ByteBuffer.wrap(address instanceof Inet6Address ? Arrays.copyOf(octets, 8) : octets);
    }
}
