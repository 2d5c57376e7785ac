package org.mailserv.server.cluster.table;

import org.jspecify.annotations.Nullable;

/**
 * One life of a node.
 *
 * @param id its name
 * @param beat a number that grows while it lives
 * @param state its state
 * @param taker the run that takes over from it, if it is dead; else null
 */
public record RunRow(
        RunId id, long beat, State state, @Nullable RunId taker) {
    /** States of a run. They only go forward. */
    public enum State {
        ALIVE,
        /** Declared dead. Its taker makes its mail everybody's. */
        DEAD,
        /** Nothing is left of it. */
        GONE
    }
}
