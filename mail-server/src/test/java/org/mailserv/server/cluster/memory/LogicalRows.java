package org.mailserv.server.cluster.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Rows that are ordered by the timestamps of their writes, and by nothing else. Deletions leave tombstones. */
final class LogicalRows<P, K extends Comparable<? super K>, V> {
    private record Cell<V>(long timestamp, @Nullable V value) {}

    private static final class Partition<K, V> {
        final TreeMap<K, Cell<V>> rows = new TreeMap<>();
        long deleted = Long.MIN_VALUE;
    }

    private final Map<P, Partition<K, V>> partitions = new HashMap<>();

    private Partition<K, V> partition(P key) {
        return partitions.computeIfAbsent(key, made -> new Partition<>());
    }

    /** Inserts a value. Of two values with one timestamp, the one that is greater as a text counts. */
    void insert(P partition, K key, V value, long timestamp) {
        Partition<K, V> in = partition(partition);
        Cell<V> now = in.rows.get(key);
        if (now == null || timestamp > now.timestamp || timestamp == now.timestamp && greater(value, now.value)) {
            in.rows.put(key, new Cell<>(timestamp, value));
        }
    }

    private static boolean greater(Object value, @Nullable Object than) {
        return than != null && text(value).compareTo(text(than)) > 0;
    }

    private static String text(Object value) {
        return value instanceof java.nio.ByteBuffer octets
                ? new String(MemoryTables.octets(octets), java.nio.charset.StandardCharsets.ISO_8859_1)
                : value.toString();
    }

    void delete(P partition, K key, long timestamp) {
        Partition<K, V> in = partition(partition);
        Cell<V> now = in.rows.get(key);
        if (now == null || timestamp >= now.timestamp) {
            in.rows.put(key, new Cell<>(timestamp, null));
        }
    }

    void deletePartition(P partition, long timestamp) {
        Partition<K, V> in = partition(partition);
        in.deleted = Math.max(in.deleted, timestamp);
    }

    @Nullable
    V get(P partition, K key) {
        Partition<K, V> in = partitions.get(partition);
        Cell<V> cell = in == null ? null : in.rows.get(key);
        return cell == null || cell.timestamp <= in.deleted ? null : cell.value;
    }

    /** Returns values in the order of their keys. */
    <R> List<R> list(P partition, @Nullable K after, int limit, BiFunction<K, V, R> result) {
        Partition<K, V> in = partitions.get(partition);
        List<R> found = new ArrayList<>();
        if (in != null) {
            for (Map.Entry<K, Cell<V>> row : (after == null ? in.rows : in.rows.tailMap(after, false)).entrySet()) {
                V value = row.getValue().value;
                if (value != null && row.getValue().timestamp > in.deleted) {
                    found.add(result.apply(row.getKey(), value));
                    if (found.size() == limit) {
                        break;
                    }
                }
            }
        }
        return found;
    }

    /** Returns the keys of all partitions that have a row. */
    List<P> partitions() {
        return partitions.keySet().stream()
                .filter(key -> !list(key, null, 1, (row, value) -> row).isEmpty())
                .toList();
    }
}
