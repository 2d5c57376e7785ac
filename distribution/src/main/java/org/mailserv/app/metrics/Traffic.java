package org.mailserv.app.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;

/** Counts of messages received, sent, deferred and rejected in each minute of the last day, for plots. Thread-safe. */
public final class Traffic implements MailEvents {
    public static final int MINUTES = 24 * 60;

    private final LongAdder accepted = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Minute[] minutes = new Minute[MINUTES];
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
    }

    @Override
    public void delivered(RemoteDelivery event) {
        delivered.increment();
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

    private Minute total() {
        return new Minute(accepted.sum(), delivered.sum(), deferred.sum(), refused.sum());
    }

    /** Ends a minute. Called once a minute. */
    public synchronized void tick() {
        Minute now = total();
        minutes[at] = now.minus(before);
        before = now;
        at = (at + 1) % MINUTES;
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
