package org.mailserv.server.cluster.memory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Stands between a node and {@link MemoryTables}. It decides when a request reaches the tables, and when and what the node hears of it. */
public interface Network {
    /** Kinds of requests; they differ in what a failure is for the caller. */
    enum Kind {
        CONDITIONAL,
        WRITE,
        READ,
        HINT
    }

    /** A network that is in no hurry to fail: each request takes effect and is answered at once. */
    Network DIRECT = new Network() {
        @Override
        public <T> CompletionStage<T> call(Kind kind, String name, Supplier<T> request) {
            return CompletableFuture.completedFuture(request.get());
        }
    };

    /**
     * Carries a request.
     *
     * @param name the operation, for traces
     * @param request changes or reads the tables; may run later, more than once if it is a write, or never
     */
    <T> CompletionStage<T> call(Kind kind, String name, Supplier<T> request);
}
