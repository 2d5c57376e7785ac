package org.mailserv.server.pickup;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the pickup folder.
 *
 * @param enabled whether it is looked at
 * @param folder null for {@code data-dir/spool/pickup}
 * @param scanInterval how often it is looked at even when nothing was heard of it (M11)
 * @param settle how long a file must have been left alone to be whole
 */
public record PickupConfig(boolean enabled, @Nullable Path folder, Duration scanInterval, Duration settle) {
    /** As {@code reference.conf} has them. */
    public static PickupConfig defaults() {
        return new PickupConfig(true, null, Duration.ofSeconds(5), Duration.ofMillis(500));
    }
}
