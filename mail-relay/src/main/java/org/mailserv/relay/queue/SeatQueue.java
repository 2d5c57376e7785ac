package org.mailserv.relay.queue;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lanes that wait for a seat at an address, in order of arrival. Confined to the relay's loop. */
final class SeatQueue {
    private final Map<InetSocketAddress, Deque<Lane>> waiting = new HashMap<>();

    void add(InetSocketAddress address, Lane lane) {
        waiting.computeIfAbsent(address, key -> new ArrayDeque<>()).add(lane);
    }

    /** Returns the lane that has waited longest, or null. */
    @Nullable
    Lane peek(InetSocketAddress address) {
        Deque<Lane> lanes = waiting.get(address);
        return lanes == null ? null : lanes.peek();
    }

    /** Removes and returns the lane that has waited longest; null if none waits. */
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
