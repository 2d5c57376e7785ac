package org.mailserv.server.cluster.table;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/**
 * The tables {@code queue} (logical) and {@code moved} (hints). Envelope, body and octets are inserted at 1, with a first state at 1. Owners write
 * states, and the deletion of the row, at their own timestamps.
 */
public interface QueueTable {
    /**
     * A timestamp of an owner of a shard. It is above 1, and above all of earlier owners.
     *
     * @param epoch the owner's epoch, from 1
     * @param number the owner's count of writes, from 0
     */
    record Stamp(int epoch, int number) {
        /** Returns the timestamp of the write: {@code epoch x 2^32 + number}. */
        public long timestamp() {
            return ((long) epoch << 32) + number;
        }
    }

    /**
     * A message that waits.
     *
     * @param id the message
     * @param envelope the envelope; null in what a late state left behind of a row that was deleted
     * @param body the body; null with the envelope
     * @param octets the octets of the content
     * @param state the state with the highest timestamp
     */
    record QueueRow(
            QueueId id,
            @Nullable ByteBuffer envelope,
            @Nullable QueueId body,
            long octets,
            @Nullable ByteBuffer state) {}

    /** Inserts all columns of a row at 1. */
    CompletionStage<Void> insert(int shard, QueueRow row);

    /** Writes the state of a row. */
    CompletionStage<Void> state(int shard, QueueId id, ByteBuffer state, Stamp stamp);

    /** Deletes a row. */
    CompletionStage<Void> delete(int shard, QueueId id, Stamp stamp);

    /** Reads one row; the list is empty if there is none. */
    CompletionStage<List<QueueRow>> row(int shard, QueueId id);

    /**
     * Reads rows of a shard, in an order that never changes.
     *
     * @param after only rows after this one in that order; null for all
     * @param limit rows at most
     */
    CompletionStage<List<QueueRow>> rows(int shard, @Nullable QueueId after, int limit);

    /** Notes for 15 minutes that a row came into a shard. */
    CompletionStage<Void> noteMoved(int shard, long minute, QueueId id);

    /** Reads the rows that came into a shard in a minute. */
    CompletionStage<List<QueueId>> moved(int shard, long minute);
}
