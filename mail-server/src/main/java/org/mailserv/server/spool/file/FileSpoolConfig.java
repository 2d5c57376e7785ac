package org.mailserv.server.spool.file;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the spool.
 *
 * @param folder {@code spool/} of the data folder
 * @param segmentSize size of a journal segment in octets
 * @param maxSegments maximum number of segments; when all wait to be retired, new mail has to wait
 * @param segmentAge time after which a segment with messages is retired
 * @param inlineLimit maximum size in octets of a body in the journal; larger ones get a file of their own
 * @param memoryLimit octets of bodies held in memory, in total; beyond it they go to files early
 * @param recentLimit octets of accepted messages held in memory until the relay has opened them, in total; 0 for none
 * @param stateDelay time that a change of state may wait to be written with others; zero to write at once
 * @param freeSpaceMark fraction of the disk, 0 to 1, below which no new mail is accepted
 * @param lanes number of threads for files
 * @param laneQueue maximum number of tasks that wait in a lane
 */
public record FileSpoolConfig(
        Path folder,
        int segmentSize,
        int maxSegments,
        Duration segmentAge,
        int inlineLimit,
        long memoryLimit,
        long recentLimit,
        Duration stateDelay,
        double freeSpaceMark,
        int lanes,
        int laneQueue) {
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(1);

    public FileSpoolConfig {
        if (segmentSize < 1 << 20) {
            throw new IllegalArgumentException("segmentSize: " + segmentSize + " (expected: >= 1 MiB)");
        }
        if (maxSegments < 2) {
            throw new IllegalArgumentException("maxSegments: " + maxSegments + " (expected: >= 2)");
        }
        if (inlineLimit > segmentSize / 2) {
            throw new IllegalArgumentException("inlineLimit: " + inlineLimit + " (expected: <= half a segment)");
        }
        if (stateDelay.isNegative() || stateDelay.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException("stateDelay: " + stateDelay + " (expected: from 0 to 1 s)");
        }
    }

    /** Returns the defaults. */
    public static FileSpoolConfig defaults(Path folder) {
        return new FileSpoolConfig(
                folder,
                32 << 20,
                8,
                Duration.ofMinutes(1),
                256 << 10,
                64L << 20,
                16L << 20,
                Duration.ofMillis(5),
                0.05,
                4,
                10_000);
    }
}
