package org.mailserv.server.pickup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/** Decides which files are complete: those that nothing has written to for a while. Confined to the pickup thread. */
final class SettledFiles {
    private final Duration settle;
    private final InstantSource clock;
    private final Map<Path, Observation> observations = new HashMap<>();

    /** The state of a file, and the value of {@link System#nanoTime} when it was first seen in that state. */
    private record Observation(FileTime modified, long size, long nanos) {}

    /** @param settle the time without a change after which a file is complete */
    SettledFiles(Duration settle, InstantSource clock) {
        this.settle = settle;
        this.clock = clock;
    }

    /** Forgets all files but these. */
    void retain(Collection<Path> files) {
        observations.keySet().retainAll(new HashSet<>(files));
    }

    boolean isSettled(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Instant settled = attributes.lastModifiedTime().toInstant().plus(settle);
            return !settled.isAfter(clock.instant()) || isUnchanged(file, attributes);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns whether a file with a modification time in the future has not changed for long enough. After the clock was set back, or for a
     * copy that kept its time, the modification time alone would delay the file for hours.
     */
    private boolean isUnchanged(Path file, BasicFileAttributes attributes) {
        long now = System.nanoTime();
        Observation before = observations.get(file);
        if (before == null
                || !before.modified().equals(attributes.lastModifiedTime())
                || before.size() != attributes.size()) {
            observations.put(file, new Observation(attributes.lastModifiedTime(), attributes.size(), now));
            return false;
        }
        return now - before.nanos() >= settle.toNanos();
    }
}
