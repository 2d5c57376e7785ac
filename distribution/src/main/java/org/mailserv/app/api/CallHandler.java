package org.mailserv.app.api;

import java.io.IOException;
import org.mailserv.app.config.StartupException;

/** A handler of a call. May block. */
public interface CallHandler<Q, A> {
    /**
     * Carries out a call.
     *
     * @param by the operator, whose role permits the call
     * @throws ApiException for everything that the operator can be told
     */
    A answer(Q request, Operator by) throws ApiException, StartupException, IOException;
}
