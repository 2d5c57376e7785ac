package org.mailserv.app.config;

import org.jspecify.annotations.Nullable;

/**
 * The place of this server among those that share a store.
 *
 * @param nodeName the name of this server, unique among them and the same after a restart; null for {@code hostname}
 */
public record ClusterNodeSettings(@Nullable String nodeName) {
    private static final int MOST = 64;

    public ClusterNodeSettings {
        if (nodeName != null && !nodeName.matches("[A-Za-z0-9._-]{1," + MOST + "}")) {
            throw new IllegalArgumentException("nodeName: \"" + nodeName + "\" (expected: 1 to " + MOST
                    + " letters, digits, and the characters . _ -)");
        }
    }
}
