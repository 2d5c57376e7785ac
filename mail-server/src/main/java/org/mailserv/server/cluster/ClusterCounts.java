package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.store.SharedCounts;

/**
 * Counts that all nodes add up. Each node writes its own count every 5 seconds, if it has changed, and reads those of the others. At most
 * 100,000 counts are shared at a time; further ones are this node's alone.
 */
public final class ClusterCounts implements SharedCounts {
    private static final Duration EXCHANGE = Duration.ofSeconds(5);
    private static final int COUNTS = 100_000;

    private record Key(Kind kind, String key, long period) {
        String resource() {
            return kind + " " + period + " " + key;
        }
    }

    private static final class Count {
        volatile long own;
        volatile long others;
        /** The own count that was written last. */
        long written;
        /** Exchanges since the count was asked for last. */
        volatile int idle;
    }

    private final ClusterLoop loop;
    private final HintTable hints;
    private final String node;
    private final Map<Key, Count> counts = new ConcurrentHashMap<>();
    private boolean stopped;

    public ClusterCounts(ClusterLoop loop, HintTable hints, String node) {
        this.loop = loop;
        this.hints = hints;
        this.node = node;
    }

    /** Begins the exchange. On the loop. */
    public void start() {
        exchange();
    }

    /** Ends the exchange. On the loop. */
    public void stop() {
        stopped = true;
    }

    @Override
    public long others(Kind kind, String key, long period, long own) {
        Key name = new Key(kind, key, period);
        Count count = counts.get(name);
        if (count == null) {
            if (counts.size() >= COUNTS) {
                return 0;
            }
            count = counts.computeIfAbsent(name, made -> new Count());
        }
        count.own = own;
        count.idle = 0;
        return count.others;
    }

    private void exchange() {
        if (stopped) {
            return;
        }
        long now = loop.wallTime().getEpochSecond();
        counts.keySet().removeIf(key -> key.period < key.kind.periodOf(now) - 1);
        counts.forEach((key, count) -> {
            if (count.own != count.written) {
                long own = count.own;
                loop.whenDone(
                        hints.put(
                                Hint.SPENT,
                                key.resource(),
                                node,
                                Long.toString(own),
                                key.kind.length().multipliedBy(2)),
                        (done, failure) -> {
                            if (failure == null) {
                                count.written = own;
                            }
                        });
            }
            // A count that nobody has asked for lately is not read: the next question starts it again.
            if (count.idle++ < 2) {
                loop.whenDone(hints.read(Hint.SPENT, key.resource()), (values, failure) -> {
                    if (values != null) {
                        count.others = sum(values);
                    }
                });
            }
        });
        loop.schedule(EXCHANGE, this::exchange);
    }

    private static long count(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            // Not a count: the others still are.
            return 0;
        }
    }

    private long sum(Map<String, String> values) {
        long sum = 0;
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (!value.getKey().equals(node)) {
                sum += count(value.getValue());
            }
        }
        return sum;
    }
}
