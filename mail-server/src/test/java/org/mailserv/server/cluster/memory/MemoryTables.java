package org.mailserv.server.cluster.memory;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.FileTable;
import org.mailserv.server.cluster.table.FreshTable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.LeaseTable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.QueueTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.RunRow;
import org.mailserv.server.cluster.table.RunTable;
import org.mailserv.server.cluster.table.ShardTable;
import org.mailserv.server.cluster.table.ShardTable.ShardRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.QueueId;

/**
 * The shared tables in memory, with the semantics of the engine: timestamps decide, deletions leave tombstones, leases and hints expire. One
 * instance stands for the engine; each node sees it through a {@link Network}. Not thread-safe by itself: {@link #lock} guards it.
 */
public final class MemoryTables {
    static final long INSERT = 1;
    static final long DELETE = 2;

    /** A value that expires. */
    record Expiring(String value, long until) {}

    /** A lease. */
    record Lease(String holder, long until) {}

    final LongSupplier millis;
    final Object lock = new Object();

    final Map<String, TreeMap<Long, RunRow>> runs = new HashMap<>();
    final LogicalRows<String, String, RunTable.Member> members = new LogicalRows<>();
    final LogicalRows<String, String, Boolean> fences = new LogicalRows<>();
    final TreeMap<Integer, ShardRow> shards = new TreeMap<>();
    final Map<String, Map<LeaseTable.LeaseKey, Lease>> leases = new HashMap<>();
    final Map<String, FileTable.FileRow> files = new TreeMap<>();
    final LogicalRows<RunId, Integer, Boolean> segments = new LogicalRows<>();
    final LogicalRows<String, Integer, ByteBuffer> fresh = new LogicalRows<>();
    final LogicalRows<RunId, QueueId, Boolean> uploads = new LogicalRows<>();
    final LogicalRows<QueueId, Integer, ByteBuffer> parts = new LogicalRows<>();
    final LogicalRows<QueueId, String, BodyTable.BodyHead> heads = new LogicalRows<>();
    final LogicalRows<QueueId, String, Boolean> refs = new LogicalRows<>();
    final LogicalRows<MailboxTable.Folder, MailboxTable.MailKey, MailboxTable.MailRow> mailboxes = new LogicalRows<>();
    final LogicalRows<String, Integer, MailboxTable.DeletionPart> deletions = new LogicalRows<>();
    final LogicalRows<Integer, QueueId, QueueTable.QueueRow> queue = new LogicalRows<>();
    final LogicalRows<Integer, QueueId, ByteBuffer> states = new LogicalRows<>();
    final Map<String, Map<String, Expiring>> hints = new HashMap<>();

    /** Returns the timestamp of an owner's write; only the simulation of a mistake replaces it. */
    public ToLongFunction<QueueTable.Stamp> timestamps = QueueTable.Stamp::timestamp;

    /** Told of writes of states. */
    public interface StateListener {
        /** @param counts whether the state is now the state of the row */
        void wrote(int shard, QueueId id, QueueTable.Stamp stamp, boolean counts);
    }

    /** Told of each state that an owner wrote, after its effect. */
    public StateListener stateListener = (shard, id, stamp, counts) -> {};

    /** @param millis the engine's clock, which ends leases and hints */
    public MemoryTables(LongSupplier millis) {
        this.millis = millis;
    }

    /** Returns the tables as a node sees them. */
    public SharedTables through(Network network) {
        Network locked = new Network() {
            @Override
            public <T> java.util.concurrent.CompletionStage<T> call(
                    Kind kind, String name, java.util.function.Supplier<T> request) {
                return network.call(kind, name, () -> {
                    synchronized (lock) {
                        return request.get();
                    }
                });
            }
        };
        return new SharedTables() {
            private final RunTable runTable = new MemoryRuns(MemoryTables.this, locked);
            private final MemoryMail mail = new MemoryMail(MemoryTables.this, locked);
            private final MemoryQueue queueTable = new MemoryQueue(MemoryTables.this, locked);
            private final MemoryLeases locks = new MemoryLeases(MemoryTables.this, locked, "maildrop");
            private final MemoryLeases seatTable = new MemoryLeases(MemoryTables.this, locked, "seat");
            private final MemoryKnowledge knowledge = new MemoryKnowledge(MemoryTables.this, locked);

            @Override
            public RunTable runs() {
                return runTable;
            }

            @Override
            public ShardTable shards() {
                return queueTable;
            }

            @Override
            public LeaseTable maildropLocks() {
                return locks;
            }

            @Override
            public LeaseTable seats() {
                return seatTable;
            }

            @Override
            public FileTable files() {
                return knowledge;
            }

            @Override
            public FreshTable fresh() {
                return mail;
            }

            @Override
            public BodyTable bodies() {
                return mail.bodies;
            }

            @Override
            public MailboxTable mailboxes() {
                return mail.mailboxes;
            }

            @Override
            public QueueTable queue() {
                return queueTable;
            }

            @Override
            public HintTable hints() {
                return knowledge;
            }
        };
    }

    /** Applies a conditional write to a map. */
    static <K, V> Conditional<V> set(Map<K, V> rows, K key, boolean holds, @Nullable V next) {
        V now = rows.get(key);
        if (!holds) {
            return Conditional.refused(now);
        }
        if (next == null) {
            rows.remove(key);
        } else {
            rows.put(key, next);
        }
        return Conditional.applied();
    }

    static byte[] octets(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.duplicate().get(octets);
        return octets;
    }

    /** Returns a copy that nobody else changes. */
    static ByteBuffer copy(ByteBuffer buffer) {
        return ByteBuffer.wrap(octets(buffer)).asReadOnlyBuffer();
    }
}
