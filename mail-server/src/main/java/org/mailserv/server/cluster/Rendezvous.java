package org.mailserv.server.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Rendezvous hashing: all who know the same candidates choose the same one for a key, and a candidate that goes or comes changes the choice
 * only for the keys that it had or gets.
 */
final class Rendezvous {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Rendezvous() {}

    /** Returns the candidate for a key, or null if there is no candidate. */
    static @Nullable String choose(String key, Collection<String> candidates) {
        String chosen = null;
        long best = 0;
        for (String candidate : candidates) {
            long weight = hash(candidate + "\n" + key);
            boolean better = chosen == null
                    || Long.compareUnsigned(weight, best) > 0
                    || weight == best && candidate.compareTo(chosen) < 0;
            if (better) {
                chosen = candidate;
                best = weight;
            }
        }
        return chosen;
    }

    /** Returns a hash that is the same on every machine. */
    static long hash(String text) {
        long hash = OFFSET;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (octet & 0xFF)) * PRIME;
        }
        // FNV alone leaves similar texts close together.
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }
}
