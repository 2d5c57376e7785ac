package org.mailserv.server.cluster.table;

import org.jspecify.annotations.Nullable;

/**
 * The result of a conditional write.
 *
 * @param <T> the row that the write was for
 * @param outcome tells whether the write took effect
 * @param current the row as it stands, if the write was refused and there is a row; else null
 */
public record Conditional<T>(Outcome outcome, @Nullable T current) {
    /** Outcomes of a conditional write. */
    public enum Outcome {
        /** The condition held, and the row was written. */
        APPLIED,
        /** The condition did not hold. Nothing was written. */
        REFUSED,
        /** The write did not take effect and never will: the engine could not be asked. */
        FAILED,
        /** The write may have taken effect, or may still take effect later if the condition holds then. */
        UNKNOWN
    }

    public static <T> Conditional<T> applied() {
        return new Conditional<>(Outcome.APPLIED, null);
    }

    /**
     * Returns a refusal.
     *
     * @param current the row that refused the write, or null if there is none
     */
    public static <T> Conditional<T> refused(@Nullable T current) {
        return new Conditional<>(Outcome.REFUSED, current);
    }

    public static <T> Conditional<T> failed() {
        return new Conditional<>(Outcome.FAILED, null);
    }

    public static <T> Conditional<T> unknown() {
        return new Conditional<>(Outcome.UNKNOWN, null);
    }

    public boolean isApplied() {
        return outcome == Outcome.APPLIED;
    }

    public boolean isRefused() {
        return outcome == Outcome.REFUSED;
    }
}
