package org.mailserv.relay.smtp;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of servers that do not support an extension which they offer, so that it is not used with them for some hours. The size is
 * bounded, and the oldest entry is evicted first. Used on the relay's event loop only.
 */
public final class ServerFaults {
    /** The features that are not used with a server. */
    public enum Fault {
        /** Sending the next message before the reply to the last one. The server closes after each message. */
        READING_AHEAD,
        /** Sending several commands at once (PIPELINING). RFC 2920 */
        PIPELINING,
        /** Sending messages with BDAT (CHUNKING). RFC 3030 */
        CHUNKING
    }

    /** The maximum number of entries. */
    static final int CAPACITY = 1000;

    /** The lifetime of an entry. */
    static final long MEMORY_MILLIS = TimeUnit.HOURS.toMillis(6);

    private static final Logger LOG = LoggerFactory.getLogger(ServerFaults.class);

    private record Key(InetSocketAddress address, Fault fault) {}

    private final Map<Key, Long> learned = new LinkedHashMap<>();
    private final LongSupplier millis;

    /** @param millis a monotonic clock in milliseconds */
    public ServerFaults(LongSupplier millis) {
        this.millis = millis;
    }

    /** Records a fault. */
    void learn(InetSocketAddress address, Fault fault, String reason) {
        Key key = new Key(address, fault);
        if (learned.remove(key) == null) {
            LOG.info(
                    "event=server-fault address={} not-used={} reason=\"{}\"",
                    address.getAddress().getHostAddress(),
                    fault,
                    reason);
        }
        learned.put(key, millis.getAsLong());
        if (learned.size() > CAPACITY) {
            learned.remove(learned.keySet().iterator().next());
        }
    }

    /** Returns whether the server is known to have a fault. */
    boolean has(InetSocketAddress address, Fault fault) {
        Key key = new Key(address, fault);
        Long since = learned.get(key);
        if (since == null) {
            return false;
        } else if (millis.getAsLong() - since >= MEMORY_MILLIS) {
            learned.remove(key);
            return false;
        }
        return true;
    }

    int size() {
        return learned.size();
    }
}
