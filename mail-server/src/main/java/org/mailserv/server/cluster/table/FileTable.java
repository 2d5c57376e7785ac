package org.mailserv.server.cluster.table;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The table {@code shared_file} (conditional). */
public interface FileTable {
    /**
     * A version of a file.
     *
     * @param name the path below the shared folder
     * @param version from 1
     * @param content the octets; empty for a file that was deleted, which {@code deleted} tells from an empty one
     * @param deleted true if this version says that there is no file
     */
    record FileRow(String name, long version, ByteBuffer content, boolean deleted) {}

    /**
     * Writes a version, if the version before it is the current one.
     *
     * @param row with version 1 if there must be no row yet
     */
    CompletionStage<Conditional<FileRow>> write(FileRow row);

    /** Reads the current version with a serial read; the list is empty if there never was a file. */
    CompletionStage<List<FileRow>> read(String name);

    /** Reads the current version of every file, without the contents. */
    CompletionStage<Map<String, Long>> versions();
}
