package org.mailserv.relay.queue;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The destinations that wait for a seat at an address, in order of arrival. Confined to the relay's loop. */
final class SeatQueue {
    private final Map<InetSocketAddress, Deque<DestinationQueue>> waiting = new HashMap<>();

    void add(InetSocketAddress address, DestinationQueue queue) {
        waiting.computeIfAbsent(address, key -> new ArrayDeque<>()).add(queue);
    }

    /** Returns the queue that has waited longest, or null. */
    @Nullable
    DestinationQueue peek(InetSocketAddress address) {
        Deque<DestinationQueue> queues = waiting.get(address);
        return queues == null ? null : queues.peek();
    }

    /** Removes and returns the queue that has waited longest; null if none waits. */
    @Nullable
    DestinationQueue poll(InetSocketAddress address) {
        Deque<DestinationQueue> queues = waiting.get(address);
        if (queues == null) {
            return null;
        }
        DestinationQueue first = queues.poll();
        if (queues.isEmpty()) {
            waiting.remove(address);
        }
        return first;
    }
}
