package org.mailserv.app.metrics;

import java.time.Duration;
import java.util.Arrays;

/** Counts of delivery times in steps, from the arrival of a message to its delivery. Not thread-safe. */
final class Delays {
    /** Upper bounds of the steps in milliseconds; the last step has none. */
    private static final long[] BOUNDS = {
        100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000
    };

    static final int STEPS = BOUNDS.length + 1;

    private final long[] counts = new long[STEPS];

    void add(Duration time) {
        int step = 0;
        while (step < BOUNDS.length && time.toMillis() > BOUNDS[step]) {
            step++;
        }
        counts[step]++;
    }

    void add(Delays other) {
        for (int i = 0; i < STEPS; i++) {
            counts[i] += other.counts[i];
        }
    }

    void set(int step, long count) {
        counts[step] = count;
    }

    long get(int step) {
        return counts[step];
    }

    long total() {
        return Arrays.stream(counts).sum();
    }

    /**
     * Returns the time in which a part of the deliveries was done, rounded up to the bound of its step.
     *
     * @param part 0 to 1
     * @return milliseconds; -1 if it is longer than all bounds, 0 if there was no delivery
     */
    long within(double part) {
        long wanted = (long) Math.ceil(total() * part);
        long seen = 0;
        for (int i = 0; i < STEPS && wanted > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return i < BOUNDS.length ? BOUNDS[i] : -1;
            }
        }
        return 0;
    }
}
