package org.mailserv.app.api;

import java.util.List;

/**
 * Counts of messages, oldest first.
 *
 * @param hour the last hour by minute
 * @param day the last day by half hour
 * @param hourTimes delivery times of the last hour
 * @param dayTimes delivery times of the last day
 */
public record TrafficHistory(List<Counts> hour, List<Counts> day, DeliveryTimes hourTimes, DeliveryTimes dayTimes) {
    /** Counts of one interval. */
    public record Counts(long accepted, long delivered, long deferred, long refused) {}

    /**
     * The times from the arrival of messages to their delivery, in milliseconds, rounded up to a step; -1 for over a day.
     *
     * @param deliveries the number of deliveries
     * @param p50 the time within which half of them were done
     * @param p95 the time within which 95 of 100 were done
     * @param p99 the time within which 99 of 100 were done
     */
    public record DeliveryTimes(long deliveries, long p50, long p95, long p99) {}
}
