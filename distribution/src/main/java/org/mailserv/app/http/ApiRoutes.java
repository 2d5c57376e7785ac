package org.mailserv.app.http;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.Requests;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.http.console.HttpReplies;

/** The API over HTTP: finds the call that a request means, reads the request, and writes the answer. */
final class ApiRoutes {
    private final ServerApi api;

    ApiRoutes(ServerApi api) {
        this.api = api;
    }

    /** A request that belongs to a call, with the variables of its path. */
    private record Match(Call<?, ?> call, Map<String, String> variables) {}

    /**
     * Returns the methods of a path, separated by commas; null if no call has the path.
     *
     * @param path as it stands in the request, percent-encoded
     */
    static @Nullable String allowed(String path) {
        List<String> methods = new ArrayList<>();
        for (Call<?, ?> call : Calls.ALL) {
            if (variables(call, path) != null) {
                methods.add(
                        call.method() == Call.Method.GET
                                ? "GET, HEAD"
                                : call.method().name());
            }
        }
        return methods.isEmpty() ? null : String.join(", ", new LinkedHashSet<>(methods));
    }

    /** Answers a request of an operator. The stage never fails. The caller may release the request when this method returns. */
    CompletionStage<FullHttpResponse> answer(FullHttpRequest request, Operator by) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        Match match = find(request.method(), uri.rawPath());
        if (match == null) {
            String allowed = allowed(uri.rawPath());
            return CompletableFuture.completedFuture(
                    allowed == null
                            ? HttpReplies.error(HttpResponseStatus.NOT_FOUND, "no such resource")
                            : HttpReplies.notAllowed(allowed));
        } else if (!match.call().method().hasQuery() && !isJson(request)) {
            return CompletableFuture.completedFuture(HttpReplies.error(
                    HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type: application/json only"));
        }
        return ask(match.call(), match.variables(), uri, request.content().toString(StandardCharsets.UTF_8), by)
                .exceptionally(ApiRoutes::failure);
    }

    /** A form of another site cannot send this type. */
    private static boolean isJson(FullHttpRequest request) {
        return request.headers()
                .get(HttpHeaderNames.CONTENT_TYPE, "")
                .toLowerCase(Locale.ROOT)
                .matches("application/json\\s*(;.*)?");
    }

    private <Q extends Record, A> CompletionStage<FullHttpResponse> ask(
            Call<Q, A> call, Map<String, String> variables, QueryStringDecoder uri, String content, Operator by) {
        Q request;
        try {
            request = call.method().hasQuery()
                    ? Requests.ofQuery(uri.parameters(), variables, call.request())
                    : Requests.ofJson(content, variables, call.request());
        } catch (ApiException e) {
            return CompletableFuture.failedFuture(e);
        }
        return api.ask(call, request, by).thenApply(answer -> reply(request, answer, by));
    }

    /** A program on the network learns by 404 that no id is in the queue; the command line prints the problems. */
    private static FullHttpResponse reply(Record request, Object answer, Operator by) {
        if (!by.local()
                && answer instanceof QueueChanged result
                && request instanceof QueueChange change
                && result.changed() == 0
                && !(change.id().isEmpty() && change.ids().isEmpty())) {
            return HttpReplies.json(HttpResponseStatus.NOT_FOUND, result.because("no such message"));
        }
        return HttpReplies.json(HttpResponseStatus.OK, answer);
    }

    private static FullHttpResponse failure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof ApiException e
                ? HttpReplies.error(HttpResponseStatus.valueOf(e.kind().status()), String.valueOf(e.getMessage()))
                : HttpReplies.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed; see the log");
    }

    private static @Nullable Match find(HttpMethod method, String path) {
        String name = method.equals(HttpMethod.HEAD) ? "GET" : method.name();
        for (Call<?, ?> call : Calls.ALL) {
            Map<String, String> variables = call.method().name().equals(name) ? variables(call, path) : null;
            if (variables != null) {
                return new Match(call, variables);
            }
        }
        return null;
    }

    /** Returns the decoded variables of a path, or null if the path does not fit. */
    private static @Nullable Map<String, String> variables(Call<?, ?> call, String path) {
        String[] wanted = call.path().split("/", -1);
        String[] given = path.split("/", -1);
        if (wanted.length != given.length) {
            return null;
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].startsWith("{")) {
                variables.put(
                        wanted[i].substring(1, wanted[i].length() - 1),
                        QueryStringDecoder.decodeComponent(given[i].replace("+", "%2B")));
            } else if (!wanted[i].equals(given[i])) {
                return null;
            }
        }
        return variables;
    }
}
