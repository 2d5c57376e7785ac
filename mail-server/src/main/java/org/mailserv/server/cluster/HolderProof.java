package org.mailserv.server.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells of a process that holds a lease whether it has certainly ended, so that its connections are closed. A process that is paused has not. */
@FunctionalInterface
public interface HolderProof {
    /** Returns false for every process. */
    HolderProof NONE = (node, process) -> CompletableFuture.completedFuture(false);

    /**
     * Asks for a proof. Called on the loop.
     *
     * @param node the name of the holder's node
     * @param process the name of the holder's process, which no other one has ever had
     * @return whether the process has certainly ended; false if that is not known. Does not fail.
     */
    CompletionStage<Boolean> hasEnded(String node, String process);
}
