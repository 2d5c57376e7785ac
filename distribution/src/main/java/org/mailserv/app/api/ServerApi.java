package org.mailserv.app.api;

import java.util.concurrent.CompletionStage;

/** A running server that answers calls. Thread-safe; nothing blocks. */
public interface ServerApi {
    /**
     * Answers a call.
     *
     * @param by the operator, whose role must permit the call
     * @return the answer; fails with {@link ApiException} for everything that a client can be told
     */
    <Q extends Record, A> CompletionStage<A> ask(Call<Q, A> call, Q request, Operator by);
}
