package org.mailserv.relay.queue;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lanes that wait for a seat at an address, in the order in which they came. On the relay's loop. */
final class SeatQueue {
    private final Map<InetSocketAddress, Deque<Lane>> waiting = new HashMap<>();

    void add(InetSocketAddress address, Lane lane) {
        waiting.computeIfAbsent(address, key -> new ArrayDeque<>()).add(lane);
    }

    /** Returns the lane that waits longest, or null. */
    @Nullable
    Lane peek(InetSocketAddress address) {
        Deque<Lane> lanes = waiting.get(address);
        return lanes == null ? null : lanes.peek();
    }

    /** Removes the lane that waits longest, and returns it; null when none waits. */
    @Nullable
    Lane poll(InetSocketAddress address) {
        Deque<Lane> lanes = waiting.get(address);
        if (lanes == null) {
            return null;
        }
        Lane first = lanes.poll();
        if (lanes.isEmpty()) {
            waiting.remove(address);
        }
        return first;
    }
}
