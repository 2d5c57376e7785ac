package org.mailserv.server.cluster.table;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** The tables {@code run} (conditional), {@code member} and {@code fence} (logical). */
public interface RunTable {
    /**
     * A node whose runs are to be watched.
     *
     * @param node the name of the node
     * @param door the address where its HTTP door is, or an empty text
     */
    record Member(String node, String door) {}

    /** Inserts a run with state ALIVE and beat 0, if no row has its id. */
    CompletionStage<Conditional<RunRow>> begin(RunId run);

    /** Sets the beat of a run, if it is ALIVE. */
    CompletionStage<Conditional<RunRow>> beat(RunId run, long beat);

    /** Makes a run DEAD with a taker, if it is ALIVE and its beat is the one that was seen. */
    CompletionStage<Conditional<RunRow>> declareDead(RunId run, long seenBeat, RunId taker);

    /** Replaces the taker, if the run is DEAD and has the former taker. */
    CompletionStage<Conditional<RunRow>> replaceTaker(RunId run, RunId former, RunId taker);

    /** Makes a run GONE, if it is DEAD and has this taker. */
    CompletionStage<Conditional<RunRow>> finish(RunId run, RunId taker);

    /** Makes a run GONE, if it is ALIVE: it has left nothing behind. */
    CompletionStage<Conditional<RunRow>> leave(RunId run);

    /** Deletes the row of a run, if it is GONE. The caller keeps the row with the highest number of each node. */
    CompletionStage<Conditional<RunRow>> forget(RunId run);

    /** Reads all runs of a node. The read is serial: it sees, or finishes, every conditional write that took effect. */
    CompletionStage<List<RunRow>> runs(String node);

    /**
     * Inserts a member at the timestamp 2 x {@code run}. A node that joins again with a higher number therefore counts, whatever was deleted
     * before.
     */
    CompletionStage<Void> join(String cluster, Member member, long run);

    /** Deletes a member at the timestamp 2 x {@code run} + 1. */
    CompletionStage<Void> part(String cluster, String node, long run);

    /** Reads all members. */
    CompletionStage<List<Member>> members(String cluster);

    /** Fences a run, for ever. */
    CompletionStage<Void> fence(RunId run);

    /** Reads whether a run is fenced. */
    CompletionStage<Boolean> isFenced(RunId run);
}
