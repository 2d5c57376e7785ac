package org.mailserv.server.mailbox.maildir;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.file.Path;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.SealedIds;

/** The listings of mailboxes, cached while their folders do not change. Thread-safe; blocks. */
final class MaildirListings {
    private static final long MAX_MESSAGES = 2_000_000;
    // In messages: an empty listing takes memory, too.
    private static final int WEIGHT_OF_LISTING = 100;
    private static final int FILES_AT_ONCE = 500;

    private final Disk disk;
    private final SealedIds ids;
    private final ParallelWork parallel;
    private final Cache<Path, MaildirListing> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_MESSAGES)
            .weigher((Path path, MaildirListing listing) -> WEIGHT_OF_LISTING + listing.size())
            .build();

    MaildirListings(Disk disk, SealedIds ids, MailboxLanes lanes) {
        this.disk = disk;
        this.ids = ids;
        this.parallel = new ParallelWork(task -> lanes.any().execute(task), lanes.threads(), FILES_AT_ONCE);
    }

    /** Returns the cached listing, or reads the folder if it may have changed. */
    MaildirListing of(Path folder) throws IOException {
        MaildirListing cached = cache.getIfPresent(folder);
        MaildirListing.Stamp stamp = MaildirListing.Stamp.of(disk, folder);
        if (cached != null && cached.stamp().equals(stamp) && stamp.isSettled()) {
            return cached;
        }
        MaildirListing listing = MaildirListing.read(disk, folder, stamp, cached, parallel, ids);
        cache.put(folder, listing);
        return listing;
    }
}
