package org.mailserv.server.cluster.table;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Rights that end by themselves: the tables {@code maildrop_lock} and {@code seat} (conditional, with TTL). */
public interface LeaseTable {
    /**
     * The name of a right.
     *
     * @param resource the partition, such as an address or a mailbox
     * @param number the right within it, from 0
     */
    record LeaseKey(String resource, int number) {}

    /** Inserts a row, if there is none. Refusals name the current holder. */
    CompletionStage<Conditional<String>> acquire(LeaseKey key, String holder, Duration life);

    /** Prolongs the row to {@code life} from now, if this is its holder. Refusals name the current holder. */
    CompletionStage<Conditional<String>> renew(LeaseKey key, String holder, Duration life);

    /** Deletes the row, if this is its holder. */
    CompletionStage<Conditional<String>> release(LeaseKey key, String holder);

    /** Reads the holders of all rights of a resource, by number. */
    CompletionStage<Map<Integer, String>> holders(String resource);
}
