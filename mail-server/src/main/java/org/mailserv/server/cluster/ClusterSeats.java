package org.mailserv.server.cluster;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.cluster.table.LeaseTable;
import org.mailserv.server.cluster.table.LeaseTable.LeaseKey;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.store.Seats;
import org.mailserv.server.text.Addresses;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seats that all nodes share, as leases in the tables. A holder renews its seat every 15 seconds; one that could not for 30 closes its
 * connection, before the seat is given to another after 45. A holder whose process has certainly ended loses its seat at once. Who finds no seat leaves a hint, and a holder that has had its seat for 10 seconds
 * gives it up for the hint of another node.
 */
public final class ClusterSeats implements Seats {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSeats.class);
    private static final Duration LIFE = Duration.ofSeconds(45);
    private static final Duration TRUST = Duration.ofSeconds(30);
    private static final Duration RENEW = Duration.ofSeconds(15);
    private static final Duration FAIR = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration WAIT_LIFE = Duration.ofSeconds(30);

    private final ClusterLoop loop;
    private final LeaseTable table;
    private final HintTable hints;
    private final String node;
    private final IntSupplier limit;
    private final String process;
    private final HolderProof proof;
    private final Map<LeaseKey, Held> held = new HashMap<>();
    private volatile Consumer<InetSocketAddress> listener = address -> {};

    /**
     * @param process the name of this process, which no other one has ever had
     * @param limit seats for each address
     * @param proof tells of other processes
     */
    public ClusterSeats(
            ClusterLoop loop, SharedTables tables, String node, String process, IntSupplier limit, HolderProof proof) {
        this.loop = loop;
        this.table = tables.seats();
        this.hints = tables.hints();
        this.node = node;
        this.limit = limit;
        this.process = process;
        this.proof = proof;
    }

    @Override
    public void onFree(Consumer<InetSocketAddress> told) {
        listener = told;
    }

    @Override
    public CompletionStage<@Nullable Seat> take(InetSocketAddress address) {
        CompletableFuture<@Nullable Seat> taken = new CompletableFuture<>();
        String resource = address.getAddress() == null
                ? Addresses.text(address)
                : address.getAddress().getHostAddress() + ":" + address.getPort();
        loop.execute(() -> loop.whenDone(table.holders(resource), (holders, failure) -> {
            if (holders == null) {
                none(address, resource, taken);
            } else {
                take(address, resource, holders, 0, taken);
            }
        }));
        return taken;
    }

    /** Tries the seats that looked free, from a number on. */
    private void take(
            InetSocketAddress address,
            String resource,
            Map<Integer, String> holders,
            int from,
            CompletableFuture<@Nullable Seat> taken) {
        int number = from;
        while (number < limit.getAsInt() && holders.containsKey(number)) {
            number++;
        }
        if (number >= limit.getAsInt()) {
            evict(address, resource, holders, holders.keySet().iterator(), taken);
            return;
        }
        int next = number + 1;
        LeaseKey key = new LeaseKey(resource, number);
        Held seat = new Held(
                address, key, String.join("/", node, process, QueueId.random().toString()));
        loop.whenDone(table.acquire(seat.key, seat.holder, LIFE), (result, failure) -> {
            if (result != null && result.isApplied() && seat.isTrusted()) {
                held.put(seat.key, seat);
                seat.later();
                taken.complete(seat);
            } else if (result != null && result.isRefused()) {
                take(address, resource, holders, next, taken);
            } else {
                table.release(seat.key, seat.holder);
                none(address, resource, taken);
            }
        });
    }

    /** Frees the first seat whose holder has certainly ended, and takes it. */
    private void evict(
            InetSocketAddress address,
            String resource,
            Map<Integer, String> holders,
            Iterator<Integer> rest,
            CompletableFuture<@Nullable Seat> taken) {
        if (!rest.hasNext()) {
            none(address, resource, taken);
            return;
        }
        int number = rest.next();
        String holder = holders.getOrDefault(number, "");
        loop.whenDone(hasEnded(holder), (ended, failure) -> {
            if (ended == null || !ended) {
                evict(address, resource, holders, rest, taken);
                return;
            }
            LOG.info("event=cluster-seat-evicted address={} holder={}", resource, holder);
            loop.whenDone(table.release(new LeaseKey(resource, number), holder), (result, unknown) -> {
                Map<Integer, String> left = new HashMap<>(holders);
                left.remove(number);
                take(address, resource, left, number, taken);
            });
        });
    }

    private CompletionStage<Boolean> hasEnded(String holder) {
        String[] words = holder.split("/", -1);
        if (words.length != 3 || words[1].equals(process)) {
            return Stages.done(false);
        }
        // A node has one process at a time: this one.
        return words[0].equals(node) ? Stages.done(true) : proof.hasEnded(words[0], words[1]);
    }

    private void none(InetSocketAddress address, String resource, CompletableFuture<@Nullable Seat> taken) {
        hints.put(Hint.SEAT_WAIT, resource, node, "", WAIT_LIFE);
        loop.schedule(LOOK_AGAIN, () -> listener.accept(address));
        taken.complete(null);
    }

    /** A seat of this node. On the loop, except what the interface has. */
    private final class Held implements Seat {
        private final InetSocketAddress address;
        private final LeaseKey key;
        private final String holder;
        private final long since = loop.nanoTime();
        private long proof = since;
        private volatile boolean wanted;
        private boolean freed;

        Held(InetSocketAddress address, LeaseKey key, String holder) {
            this.address = address;
            this.key = key;
            this.holder = holder;
        }

        private boolean isTrusted() {
            return loop.nanoTime() - proof < TRUST.toNanos();
        }

        @Override
        public boolean isWanted() {
            return wanted;
        }

        @Override
        public void free() {
            loop.execute(() -> {
                if (!freed) {
                    freed = true;
                    held.remove(key, this);
                    loop.whenDone(table.release(key, holder), (result, failure) -> listener.accept(address));
                }
            });
        }

        private void later() {
            loop.schedule(RENEW, this::renew);
        }

        private void renew() {
            if (freed) {
                return;
            }
            long began = loop.nanoTime();
            loop.whenDone(table.renew(key, holder, LIFE), (result, failure) -> {
                if (result != null && result.isApplied()) {
                    proof = began;
                } else if (result != null && result.isRefused() || !isTrusted()) {
                    wanted = true;
                }
            });
            if (began - since >= FAIR.toNanos()) {
                loop.whenDone(hints.read(Hint.SEAT_WAIT, key.resource()), (waiting, failure) -> {
                    if (waiting != null && waiting.keySet().stream().anyMatch(other -> !other.equals(node))) {
                        wanted = true;
                    }
                });
            }
            later();
        }
    }
}
