package org.mailserv.server.cluster;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Helpers for stages. */
final class Stages {
    private Stages() {}

    /** Returns a stage that completes when all others are complete, and fails if one of them fails. */
    static CompletableFuture<Void> all(Collection<? extends CompletionStage<?>> stages) {
        return CompletableFuture.allOf(
                stages.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }

    static <T> CompletableFuture<T> done(T result) {
        return CompletableFuture.completedFuture(result);
    }

    static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
