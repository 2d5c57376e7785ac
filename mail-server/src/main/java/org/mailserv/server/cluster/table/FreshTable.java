package org.mailserv.server.cluster.table;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.QueueId;

/** The tables {@code segment}, {@code fresh} and {@code upload} (logical: insert 1, delete 2). */
public interface FreshTable {
    /**
     * One row of a segment.
     *
     * @param seq its place, from 0
     * @param data the octets, 512 KiB at most
     */
    record FreshRow(int seq, ByteBuffer data) {}

    /** Inserts the name of a segment. */
    CompletionStage<Void> insertSegment(RunId run, int segment);

    /** Reads the numbers of all segments of a run, ascending. */
    CompletionStage<List<Integer>> segments(RunId run);

    /** Inserts a row. */
    CompletionStage<Void> insert(RunId run, int segment, FreshRow row);

    /**
     * Reads rows of a segment, ascending.
     *
     * @param after only rows with a higher number; -1 for all
     * @param limit rows at most
     */
    CompletionStage<List<FreshRow>> rows(RunId run, int segment, int after, int limit);

    /** Deletes all rows of a segment. */
    CompletionStage<Void> deleteRows(RunId run, int segment);

    /** Deletes the name of a segment. */
    CompletionStage<Void> deleteSegment(RunId run, int segment);

    /** Inserts the name of a body that is being written. */
    CompletionStage<Void> insertUpload(RunId run, QueueId body);

    /** Deletes the name of a body that was written or given up. */
    CompletionStage<Void> deleteUpload(RunId run, QueueId body);

    /** Reads the bodies that a run began. */
    CompletionStage<List<QueueId>> uploads(RunId run);
}
