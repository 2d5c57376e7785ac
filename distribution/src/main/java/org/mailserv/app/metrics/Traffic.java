package org.mailserv.app.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Counts of messages received, sent, deferred and rejected in each minute of the last day. Thread-safe. */
public final class Traffic {
    public static final int MINUTES = 24 * 60;

    private final EventCounter events;
    private final Minute[] minutes = new Minute[MINUTES];
    private Minute before = new Minute(0, 0, 0, 0);
    private int at;

    /** Messages of one minute, or of all minutes so far. */
    public record Minute(long accepted, long delivered, long deferred, long refused) {
        private Minute minus(Minute other) {
            return new Minute(
                    accepted - other.accepted,
                    delivered - other.delivered,
                    deferred - other.deferred,
                    refused - other.refused);
        }

        private Minute plus(Minute other) {
            return new Minute(
                    accepted + other.accepted,
                    delivered + other.delivered,
                    deferred + other.deferred,
                    refused + other.refused);
        }
    }

    public Traffic(EventCounter events) {
        this.events = events;
        Arrays.fill(minutes, new Minute(0, 0, 0, 0));
    }

    private Minute total() {
        Map<String, Long> counts = events.counts();
        return new Minute(
                counts.getOrDefault("message-accepted", 0L),
                counts.getOrDefault("delivered", 0L),
                counts.getOrDefault("deferred", 0L),
                counts.getOrDefault("refused", 0L)
                        + counts.getOrDefault("rcpt-refused", 0L)
                        + counts.getOrDefault("message-refused", 0L));
    }

    /** To be called once a minute. */
    public synchronized void tick() {
        Minute now = total();
        minutes[at] = now.minus(before);
        before = now;
        at = (at + 1) % MINUTES;
    }

    /** Sums over the last minutes, in so many parts of equal length, oldest first; the last part has what came since the last tick. */
    public synchronized List<Minute> last(int length, int parts) {
        List<Minute> sums = new ArrayList<>();
        int each = length / parts;
        for (int part = 0; part < parts; part++) {
            Minute sum = new Minute(0, 0, 0, 0);
            for (int i = 0; i < each; i++) {
                sum = sum.plus(minutes[Math.floorMod(at - length + part * each + i, MINUTES)]);
            }
            sums.add(sum);
        }
        sums.set(parts - 1, sums.get(parts - 1).plus(total().minus(before)));
        return sums;
    }
}
