package org.mailserv.server.cluster.table;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The table {@code shard} (conditional). */
public interface ShardTable {
    /**
     * The owner of a shard.
     *
     * @param shard from 0
     * @param run the owner, or null if the last one gave it up
     * @param epoch from 1, one higher with each owner
     */
    record ShardRow(int shard, @Nullable RunId run, int epoch) {}

    /**
     * Makes a run the owner with the epoch {@code epoch} + 1, if the shard has this epoch.
     *
     * @param epoch 0 if there is no row yet
     */
    CompletionStage<Conditional<ShardRow>> take(int shard, RunId run, int epoch);

    /** Removes the owner, if it is this run with this epoch. The epoch stays. */
    CompletionStage<Conditional<ShardRow>> release(int shard, RunId run, int epoch);

    /** Reads one shard with a serial read; a shard without a row is missing. */
    CompletionStage<List<ShardRow>> shard(int shard);

    /** Reads all shards that have a row, in any order. Not a serial read. */
    CompletionStage<List<ShardRow>> shards();
}
