package org.mailserv.server.mailbox;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a delivery into one mailbox.
 *
 * @param failure one line that says what went wrong, or null for success
 * @param overQuota true if the mailbox is full (4.2.2), false for a disk fault (4.2.0)
 */
public record DeliveryOutcome(@Nullable String failure, boolean overQuota) {
    public static final DeliveryOutcome DELIVERED = new DeliveryOutcome(null, false);

    public boolean isDelivered() {
        return failure == null;
    }
}
