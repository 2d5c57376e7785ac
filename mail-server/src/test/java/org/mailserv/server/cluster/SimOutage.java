package org.mailserv.server.cluster;

import java.util.ArrayList;
import java.util.List;

/** Times at which nodes cannot reach the tables. */
final class SimOutage {
    private record Cut(int node, long from, long until) {}

    private final List<Cut> cuts = new ArrayList<>();

    /** @param node -1 for all nodes: the engine is away */
    void add(int node, long from, long until) {
        cuts.add(new Cut(node, from, until));
    }

    boolean isCut(int node, long time) {
        for (Cut cut : cuts) {
            if ((cut.node < 0 || cut.node == node) && cut.from <= time && time < cut.until) {
                return true;
            }
        }
        return false;
    }
}
