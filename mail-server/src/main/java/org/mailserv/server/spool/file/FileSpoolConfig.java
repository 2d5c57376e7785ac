package org.mailserv.server.spool.file;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the spool.
 *
 * @param folder {@code spool/} of the data folder
 * @param segmentSize octets of a journal segment
 * @param maxSegments segments at most; when all wait to be retired, new mail has to wait
 * @param segmentAge a segment with messages in it is retired after this time
 * @param inlineLimit bodies up to this many octets go into the journal, larger ones into a file of their own
 * @param memoryLimit octets of bodies held in memory, in all; beyond it they go to files early
 * @param recentLimit octets of accepted messages that are held in memory until the relay has opened them, in all; 0 for none
 * @param stateDelay how long what became of a message may wait to be written with others; zero for not at all
 * @param freeSpaceMark part of the disk, 0 to 1, under which no new mail is taken
 * @param lanes threads for files
 * @param laneQueue most tasks that wait in a lane
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

    /** What holds without configuration. */
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
