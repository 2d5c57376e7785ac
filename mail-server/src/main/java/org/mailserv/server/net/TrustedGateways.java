package org.mailserv.server.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects gateways that hide the client address. If many hosts seem to share one trusted private address, as with a
 * container's network address translation, trusting it would trust the whole Internet. Such an address loses its
 * trust until the next start. Thread-safe.
 */
public final class TrustedGateways {
    /** Advice for the operator about such a gateway. */
    public static final String ADVICE = "many clients come from this one address (a container's gateway?):"
            + " pass on who they are by the PROXY protocol (proxy-from of the listener), or take it out of relay-networks";

    private static final Logger LOG = LoggerFactory.getLogger(TrustedGateways.class);
    private static final int MOST_ADDRESSES = 1000;

    private final int mostNames;
    private final Cache<InetAddress, Set<String>> names;
    private final Set<InetAddress> withdrawn = ConcurrentHashMap.newKeySet();

    /**
     * @param mostNames maximum number of distinct HELO names per hour from one address before it counts as a gateway;
     *     0 for no limit
     */
    public TrustedGateways(int mostNames) {
        this(mostNames, Ticker.systemTicker());
    }

    TrustedGateways(int mostNames, Ticker ticker) {
        this.mostNames = mostNames;
        this.names = Caffeine.newBuilder()
                .maximumSize(MOST_ADDRESSES)
                .expireAfterWrite(Duration.ofHours(1))
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Records the HELO name of a client that is trusted by its address.
     *
     * @return whether the client may still be trusted
     */
    public boolean isTrusted(InetAddress address, String hello) {
        if (withdrawn.contains(address)) {
            return false;
        } else if (mostNames == 0 || !isPrivate(address) || !isPublicName(hello)) {
            return true;
        }
        Set<String> seen = names.get(address, key -> ConcurrentHashMap.newKeySet());
        seen.add(hello.toLowerCase(Locale.ROOT));
        if (seen.size() <= mostNames) {
            return true;
        }
        if (withdrawn.add(address)) {
            names.invalidate(address);
            LOG.error(
                    "event=trust-withdrawn peer={} names={} advice=\"{}\"",
                    NetUtil.toAddressString(address),
                    mostNames + 1,
                    ADVICE);
        }
        return false;
    }

    /** Returns the addresses whose trust has been withdrawn. */
    public List<String> withdrawn() {
        return withdrawn.stream().map(NetUtil::toAddressString).sorted().toList();
    }

    /** Returns whether an address is private: RFC 1918, RFC 4193 or RFC 3927. Loopback addresses are excluded. */
    private static boolean isPrivate(InetAddress address) {
        byte[] octets = address.getAddress();
        boolean uniqueLocal = octets.length == 16 && (octets[0] & 0xFE) == 0xFC;
        return uniqueLocal || address.isSiteLocalAddress() || address.isLinkLocalAddress();
    }

    /**
     * Returns whether a HELO name is a public one. Clients of a legitimate address use "localhost" or names known
     * only in their network.
     */
    private static boolean isPublicName(String hello) {
        if (!hello.startsWith("[")) {
            return hello.indexOf('.') > 0;
        }
        String literal = hello.replaceAll("^\\[(?:IPv6:)?|\\]$", "");
        byte[] octets = NetUtil.createByteArrayFromIpAddressString(literal);
        InetAddress address = octets == null ? null : NetUtil.createInetAddressFromIpAddressString(literal);
        return address != null && !address.isLoopbackAddress() && !isPrivate(address);
    }
}
