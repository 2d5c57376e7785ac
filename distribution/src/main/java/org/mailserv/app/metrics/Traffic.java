package org.mailserv.app.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;

/** Counts of messages received, sent, deferred and rejected in each minute of the last day, with delivery times, for charts. Thread-safe. */
public final class Traffic implements MailEvents {
    public static final int MINUTES = 24 * 60;

    private final LongAdder accepted = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Minute[] minutes = new Minute[MINUTES];
    /** Null for a minute without deliveries: most minutes of a small server have none. */
    private final @Nullable Delays[] delays = new Delays[MINUTES];

    private @Nullable Delays current;
    private Minute before = new Minute(0, 0, 0, 0);
    private int at;

    /** Counts of one minute, or of all minutes so far. */
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

    public Traffic() {
        Arrays.fill(minutes, before);
    }

    @Override
    public void accepted(AcceptedMessage event) {
        accepted.increment();
    }

    @Override
    public void refused(Refusal event) {
        // A sender address that its owner may not use is a mistake in a mail program, not traffic.
        if (event.stage() != Refusal.Stage.SENDER) {
            refused.increment();
        }
    }

    @Override
    public void delivered(LocalDelivery event) {
        delivered.increment();
        took(event.age());
    }

    @Override
    public void delivered(RemoteDelivery event) {
        delivered.increment();
        took(event.age());
    }

    @Override
    public void deferred(RemoteDelivery event) {
        deferred.increment();
    }

    @Override
    public void deferred(DestinationFailure event) {
        deferred.increment();
    }

    @Override
    public void failed(RemoteDelivery event) {
        refused.increment();
    }

    @Override
    public void failed(DestinationFailure event) {
        refused.increment();
    }

    private synchronized void took(Duration age) {
        Delays now = current == null ? new Delays() : current;
        now.add(age);
        current = now;
    }

    private Minute total() {
        return new Minute(accepted.sum(), delivered.sum(), deferred.sum(), refused.sum());
    }

    /** Ends a minute. Called once a minute. */
    public synchronized void tick() {
        Minute now = total();
        minutes[at] = now.minus(before);
        delays[at] = current;
        current = null;
        before = now;
        at = (at + 1) % MINUTES;
    }

    private static void add(Delays sum, @Nullable Delays part) {
        if (part != null) {
            sum.add(part);
        }
    }

    /** Delivery times in milliseconds: those within which a half, 95 and 99 of 100 deliveries were done; -1 for over a day. */
    public record Percentiles(long deliveries, long half, long most, long nearlyAll) {}

    /** Returns the delivery times of the last minutes, at most {@link #MINUTES}, with those of the current one. */
    public synchronized Percentiles delays(int length) {
        Delays sum = new Delays();
        add(sum, current);
        for (int age = 1; age <= length; age++) {
            add(sum, delays[Math.floorMod(at - age, MINUTES)]);
        }
        return new Percentiles(sum.total(), sum.within(0.5), sum.within(0.95), sum.within(0.99));
    }

    /**
     * Returns the minutes with traffic, one line each: the minute, its four counts, and its delivery times by step.
     *
     * @param now the current minute since 1970
     */
    synchronized List<String> lines(long now) {
        List<String> lines = new ArrayList<>();
        for (int age = MINUTES; age >= 1; age--) {
            Minute one = minutes[Math.floorMod(at - age, MINUTES)];
            Delays times = new Delays();
            add(times, delays[Math.floorMod(at - age, MINUTES)]);
            if (one.accepted + one.delivered + one.deferred + one.refused + times.total() == 0) {
                continue;
            }
            StringBuilder line = new StringBuilder()
                    .append(now - age)
                    .append(' ')
                    .append(one.accepted)
                    .append(' ')
                    .append(one.delivered)
                    .append(' ')
                    .append(one.deferred)
                    .append(' ')
                    .append(one.refused);
            for (int step = 0; step < Delays.STEPS; step++) {
                line.append(' ').append(times.get(step));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /**
     * Takes over the minutes of an earlier run; those older than a day, and lines that are torn, are left out.
     *
     * @param now the current minute since 1970
     */
    synchronized void restore(List<String> lines, long now) {
        for (String line : lines) {
            if (!line.matches("\\d{1,12}( \\d{1,18}){" + (4 + Delays.STEPS) + "}")) {
                continue;
            }
            String[] parts = line.split(" ");
            long age = now - Long.parseLong(parts[0]);
            if (age < 1 || age > MINUTES) {
                continue;
            }
            int index = Math.floorMod(at - (int) age, MINUTES);
            minutes[index] = new Minute(
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4]));
            Delays times = new Delays();
            for (int step = 0; step < Delays.STEPS; step++) {
                times.set(step, Long.parseLong(parts[5 + step]));
            }
            delays[index] = times;
        }
    }

    /**
     * Returns sums over the last minutes, oldest first. The last sum includes the current minute.
     *
     * @param length the number of minutes
     * @param parts the number of sums, each over the same time
     */
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
