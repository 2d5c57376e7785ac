package org.mailserv.server.cluster.memory;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.LeaseTable;

final class MemoryLeases implements LeaseTable {
    private final MemoryTables tables;
    private final Network network;
    private final Map<LeaseKey, MemoryTables.Lease> rows;

    MemoryLeases(MemoryTables tables, Network network, String table) {
        this.tables = tables;
        this.network = network;
        this.rows = tables.leases.computeIfAbsent(table, made -> new HashMap<>());
    }

    private String holder(LeaseKey key) {
        MemoryTables.Lease lease = rows.get(key);
        return lease == null || lease.until() <= tables.millis.getAsLong() ? "" : lease.holder();
    }

    private MemoryTables.Lease lease(String holder, Duration life) {
        return new MemoryTables.Lease(holder, tables.millis.getAsLong() + life.toMillis());
    }

    private static Conditional<String> refused(String holder) {
        return Conditional.refused(holder.isEmpty() ? null : holder);
    }

    @Override
    public CompletionStage<Conditional<String>> acquire(LeaseKey key, String holder, Duration life) {
        return network.call(Kind.CONDITIONAL, "acquire", () -> {
            String now = holder(key);
            if (!now.isEmpty()) {
                return refused(now);
            }
            rows.put(key, lease(holder, life));
            return Conditional.applied();
        });
    }

    @Override
    public CompletionStage<Conditional<String>> renew(LeaseKey key, String holder, Duration life) {
        return network.call(Kind.CONDITIONAL, "renew", () -> {
            String now = holder(key);
            if (!now.equals(holder)) {
                return refused(now);
            }
            rows.put(key, lease(holder, life));
            return Conditional.applied();
        });
    }

    @Override
    public CompletionStage<Conditional<String>> release(LeaseKey key, String holder) {
        return network.call(Kind.CONDITIONAL, "release", () -> {
            String now = holder(key);
            if (!now.equals(holder)) {
                return refused(now);
            }
            rows.remove(key);
            return Conditional.applied();
        });
    }

    @Override
    public CompletionStage<Map<Integer, String>> holders(String resource) {
        return network.call(Kind.READ, "holders", () -> {
            Map<Integer, String> holders = new TreeMap<>();
            rows.keySet().stream()
                    .filter(key ->
                            key.resource().equals(resource) && !holder(key).isEmpty())
                    .forEach(key -> holders.put(key.number(), holder(key)));
            return holders;
        });
    }
}
