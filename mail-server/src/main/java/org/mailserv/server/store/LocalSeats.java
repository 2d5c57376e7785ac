package org.mailserv.server.store;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The seats of a node that shares its store with nobody, counted in memory. */
public final class LocalSeats implements Seats {
    private final int perAddress;
    private final ConcurrentMap<InetSocketAddress, Integer> used = new ConcurrentHashMap<>();
    private volatile Consumer<InetSocketAddress> listener = address -> {};

    /** @param perAddress the number of seats at each address, at least 1 */
    public LocalSeats(int perAddress) {
        this.perAddress = perAddress;
    }

    @Override
    public CompletionStage<@Nullable Seat> take(InetSocketAddress address) {
        // Only this thread's own increase may count as its seat.
        boolean[] taken = new boolean[1];
        used.compute(address, (key, before) -> {
            int count = before == null ? 0 : before;
            taken[0] = count < perAddress;
            return taken[0] ? Integer.valueOf(count + 1) : before;
        });
        return CompletableFuture.<@Nullable Seat>completedFuture(taken[0] ? new Place(address) : null);
    }

    @Override
    public void onFree(Consumer<InetSocketAddress> told) {
        listener = told;
    }

    private final class Place implements Seat {
        private final InetSocketAddress address;
        private final AtomicBoolean free = new AtomicBoolean();

        Place(InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public boolean isWanted() {
            return false;
        }

        @Override
        public void free() {
            if (free.compareAndSet(false, true)) {
                used.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
                listener.accept(address);
            }
        }
    }
}
