package org.mailserv.server.cluster;

import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: events in the order of their times. One seed makes one history. */
final class SimWorld {
    private record Event(long time, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
        }
    }

    final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private static final long START = 1_000_000_000_000L;
    private long now = START;
    private long order;
    /** Ends the time of faults. */
    boolean healed;

    /** Prints what happens; for a seed that failed. */
    boolean trace;

    void trace(String node, String event) {
        if (trace) {
            System.out.printf("%10.3f %s %s%n", (now - START) / 1e6, node, event);
        }
    }

    SimWorld(long seed) {
        random = new Random(seed);
    }

    /** Microseconds. */
    long now() {
        return now;
    }

    long millis() {
        return now / 1000;
    }

    void at(long time, Runnable action) {
        events.add(new Event(Math.max(time, now), order++, action));
    }

    void in(long micros, Runnable action) {
        at(now + micros, action);
    }

    void runFor(long micros) {
        long end = now + micros;
        for (Event event = events.peek(); event != null && event.time <= end; event = events.peek()) {
            events.remove();
            now = event.time;
            event.action.run();
        }
        now = end;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** A duration that is short as a rule and long now and then. */
    long micros(long usual, long most) {
        return chance(0.97) ? 1 + random.nextInt((int) usual) : 1 + (long) (random.nextDouble() * most);
    }
}
