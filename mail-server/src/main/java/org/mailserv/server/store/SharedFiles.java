package org.mailserv.server.store;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Small files that all nodes have in common: users, aliases, keys, certificates and the shared configuration. A change counts only if the
 * file is still the one that its author has read. Thread-safe; no method blocks. Stages fail with {@link java.io.IOException}.
 */
public interface SharedFiles {
    /** The version of a file that does not exist. */
    long MISSING = 0;

    /**
     * A file as it was read.
     *
     * @param version grows with each change, at least 1
     * @param content at most a few megabytes; not copied, and never changed
     */
    record Content(long version, byte[] content) {}

    /** Returns the versions of all files, by name. That of a removed file is contained too. */
    CompletionStage<Map<String, Long>> versions();

    /** Reads a file; null when it does not exist. */
    CompletionStage<@Nullable Content> read(String name);

    /**
     * Replaces a file, or creates it.
     *
     * @param version the version that the change is based on, {@link #MISSING} to create
     * @return whether the file had this version; if not, nothing has changed. An answer that got lost fails the stage: the caller reads again.
     */
    CompletionStage<Boolean> replace(String name, long version, byte[] content);

    /**
     * Removes a file. Its version goes on growing when it is made again.
     *
     * @param version the version that was read
     * @return whether the file had this version, as {@link #replace} does
     */
    CompletionStage<Boolean> remove(String name, long version);
}
