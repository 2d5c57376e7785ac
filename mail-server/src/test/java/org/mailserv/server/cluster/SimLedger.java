package org.mailserv.server.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mailserv.server.cluster.table.QueueTable.Stamp;
import org.mailserv.server.spool.QueueId;

/** All that outsiders have seen of a cluster: what was acknowledged, and what came. */
final class SimLedger {
    /** The recipients of each acknowledged message that must get it or hear of it. */
    final Map<Integer, Set<String>> acknowledged = new TreeMap<>();
    /** Messages and recipients that a server outside, or a client by a bounce, has got, and how often. */
    final Map<String, Integer> arrived = new HashMap<>();

    final List<String> violations = new ArrayList<>();
    private final Map<String, Long> stamps = new HashMap<>();

    void acknowledged(int message, Set<String> recipients) {
        acknowledged.merge(message, new TreeSet<>(recipients), (one, other) -> one);
    }

    void arrived(int message, String recipient) {
        arrived.merge(message + " " + recipient, 1, Integer::sum);
    }

    /** A state must never count over one with a higher stamp: one of a later owner, or a later one of the same owner. */
    void wrote(int shard, QueueId id, Stamp stamp, boolean counts) {
        String row = shard + "/" + id;
        long highest = stamps.merge(row, stamp.timestamp(), Math::max);
        if (counts && stamp.timestamp() < highest) {
            violations.add("the state " + stamp + " of " + row + " counts over one with a higher stamp");
        }
    }

    /** Adds what is missing to the violations. */
    void close() {
        acknowledged.forEach((message, recipients) -> {
            for (String recipient : recipients) {
                if (!arrived.containsKey(message + " " + recipient)) {
                    violations.add("message " + message + " was acknowledged and never came to " + recipient);
                }
            }
        });
    }
}
