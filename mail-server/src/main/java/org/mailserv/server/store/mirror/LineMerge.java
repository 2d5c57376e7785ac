package org.mailserv.server.store.mirror;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Merges two changes of a file of lines, each of which was made without knowledge of the other. A line is known by its key, the text before
 * the first colon, or by the whole line if it has no colon. Where both changed the lines of one key, the shared file counts.
 *
 * @param lines the result
 * @param conflicts keys whose local change was dropped
 */
record LineMerge(List<String> lines, List<String> conflicts) {
    /**
     * Merges.
     *
     * @param base the lines that both changes began with
     * @param local the lines of this machine
     * @param shared the lines of the shared file
     */
    static LineMerge of(List<String> base, List<String> local, List<String> shared) {
        Set<String> before = new HashSet<>(base);
        Set<String> here = new HashSet<>(local);
        List<String> merged = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String line : shared) {
            if (here.contains(line) || !before.contains(line)) {
                merged.add(line);
                keys.add(key(line));
            }
        }
        Set<String> present = new HashSet<>(merged);
        List<String> conflicts = new ArrayList<>();
        for (String line : local) {
            if (before.contains(line) || present.contains(line) || line.isBlank()) {
                continue;
            } else if (keys.contains(key(line))) {
                conflicts.add(key(line));
            } else {
                merged.add(line);
            }
        }
        return new LineMerge(merged, conflicts);
    }

    private static String key(String line) {
        int colon = line.startsWith("#") ? -1 : line.indexOf(':');
        return colon < 0 ? line : line.substring(0, colon).strip();
    }
}
