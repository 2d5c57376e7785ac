package org.mailserv.relay.queue;

import java.time.Duration;
import org.mailserv.server.store.Lease;

/**
 * The permission to begin a delivery. It is withdrawn while the store asks for a pause, and while it is not certain that the queue still
 * belongs to this node. Confined to the relay's loop.
 */
final class DeliveryPermit {
    private static final Duration AGAIN = Duration.ofMillis(250);

    private final RelayLoop loop;
    private final Lease lease;
    private final Runnable resumed;
    private boolean paused;
    private boolean doubting;

    /** @param resumed runs when the permission is given again */
    DeliveryPermit(RelayLoop loop, Lease lease, Runnable resumed) {
        this.loop = loop;
        this.lease = lease;
        this.resumed = resumed;
    }

    boolean isGiven() {
        if (paused || doubting) {
            return false;
        } else if (lease.isSure()) {
            return true;
        }
        doubting = true;
        loop.schedule(AGAIN, this::look);
        return false;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        if (isGiven()) {
            resumed.run();
        }
    }

    private void look() {
        if (!lease.isSure()) {
            loop.schedule(AGAIN, this::look);
            return;
        }
        doubting = false;
        if (!paused) {
            resumed.run();
        }
    }
}
