package org.mailserv.app.api;

/** A place where the handlers of calls are registered: a running server, or a command that works without one. */
public interface CallRegistry {
    /**
     * Registers the handler of a call.
     *
     * @return this registry
     */
    <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler);
}
