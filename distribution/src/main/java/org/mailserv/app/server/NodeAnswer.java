package org.mailserv.app.server;

import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;

/**
 * The answer of one server of a cluster to a call.
 *
 * @param node its name
 * @param answer null if there is none
 * @param failure the reason why the server did not carry out the call; null if there is an answer
 */
record NodeAnswer<A>(
        String node, @Nullable A answer, @Nullable ApiException failure) {}
