package org.mailserv.server.pickup;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the pickup folder.
 *
 * @param enabled true to send the files in the folder
 * @param folder null for {@code data-dir/spool/pickup}
 * @param shared true if every user of the host may drop files into the folder and list the queue
 * @param scanInterval interval of scans, which find files that the file system did not report
 * @param settle time without a change after which a file is complete
 */
public record PickupConfig(
        boolean enabled, @Nullable Path folder, boolean shared, Duration scanInterval, Duration settle) {
    /** Returns the defaults of {@code reference.conf}. */
    public static PickupConfig defaults() {
        return new PickupConfig(true, null, false, Duration.ofSeconds(5), Duration.ofMillis(500));
    }
}
