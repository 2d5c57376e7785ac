package org.mailserv.server.mailbox;

import org.jspecify.annotations.Nullable;

/**
 * How the delivery into one mailbox ended.
 *
 * @param failure null for success, else what went wrong in one line
 * @param overQuota whether the failure is that the mailbox is full (4.2.2) and not a fault of the disk (4.2.0)
 */
public record DeliveryOutcome(@Nullable String failure, boolean overQuota) {
    public static final DeliveryOutcome DELIVERED = new DeliveryOutcome(null, false);

    public boolean isDelivered() {
        return failure == null;
    }
}
