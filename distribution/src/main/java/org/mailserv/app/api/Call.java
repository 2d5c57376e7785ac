package org.mailserv.app.api;

import com.google.gson.reflect.TypeToken;

/**
 * A call of the API, typed on both ends: the same constant names it for the server that answers and for the client that asks.
 *
 * @param method of HTTP
 * @param path template; {@code {name}} stands for the component {@code name} of the request
 * @param request type of the request. Of a GET its components are query parameters, otherwise fields of a JSON object
 * @param answer type of the answer
 * @param access the clients that may use the call
 * @param summary one line for the documentation
 */
public record Call<Q extends Record, A>(
        Method method, String path, Class<Q> request, TypeToken<A> answer, Access access, String summary) {
    /** The methods of HTTP that calls use. */
    public enum Method {
        GET,
        POST,
        PUT,
        PATCH,
        DELETE;

        /** Returns whether the components of a request go into the query, because there is no content. */
        public boolean hasQuery() {
            return this == GET || this == DELETE;
        }
    }

    /** The clients that may use a call. */
    public enum Access {
        /** Reads what belongs to domains: every operator, each for its domains. */
        DOMAIN_READ,
        /** Reads what belongs to the server as a whole: every operator without a restriction to domains. */
        READ,
        /** Reads the queue: every operator, each for its domains, and users of the host. */
        QUEUE,
        /** Changes what belongs to a domain: administrators, and the administrators of the domain. */
        DOMAIN_CHANGE,
        /** Changes something else, or reads what is confidential: administrators. */
        CHANGE,
        /** Concerns the host itself: administrators on the control socket, but not over the network. */
        LOCAL
    }

    /** Returns whether the call only reads, so that it leaves no trace in the audit log. */
    public boolean isReading() {
        return method == Method.GET;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
