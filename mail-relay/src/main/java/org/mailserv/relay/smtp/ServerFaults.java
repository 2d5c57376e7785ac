package org.mailserv.relay.smtp;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which servers do not bear what they offer, so that it is not used with them for some hours. Bounded: the oldest entry makes
 * room for a new one. On the relay's loop.
 */
public final class ServerFaults {
    /** What is not used with a server. */
    public enum Fault {
        /** Sending the next message before the answer to the last one: the server closes after each message. */
        READING_AHEAD,
        /** Sending several commands at once. RFC 2920 */
        PIPELINING,
        /** BDAT. RFC 3030 */
        CHUNKING
    }

    /** Entries that are kept. */
    static final int CAPACITY = 1000;

    /** How long an entry is kept. */
    static final long MEMORY_MILLIS = TimeUnit.HOURS.toMillis(6);

    private static final Logger LOG = LoggerFactory.getLogger(ServerFaults.class);

    private record Key(InetSocketAddress address, Fault fault) {}

    private final Map<Key, Long> learned = new LinkedHashMap<>();
    private final LongSupplier millis;

    /** @param millis milliseconds that have passed since some moment */
    public ServerFaults(LongSupplier millis) {
        this.millis = millis;
    }

    /** Remembers a fault from now on. */
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

    /** Returns whether the server is known for a fault. */
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
