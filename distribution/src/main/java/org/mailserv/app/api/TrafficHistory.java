package org.mailserv.app.api;

import java.util.List;

/**
 * Counts of messages, oldest first.
 *
 * @param hour the last hour by minute
 * @param day the last day by half hour
 */
public record TrafficHistory(List<Counts> hour, List<Counts> day) {
    /** Counts of one interval. */
    public record Counts(long accepted, long delivered, long deferred, long refused) {}
}
