package org.mailserv.app.http;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.config.HttpSettings;
import org.mailserv.app.http.console.AdminLogin;
import org.mailserv.app.http.console.ConsolePages;
import org.mailserv.app.http.console.HttpReplies;
import org.mailserv.app.http.console.PageRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door to the admin page and its API, {@code /admin} and {@code /api}. It rejects requests for another host, and requests that a browser
 * sends for a page of another site. Programs log in with Basic authentication; the page has its own login.
 */
public final class AdminHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

    private final RequestOrigin origin;
    private final AdminLogin login;
    private final ApiRoutes routes;
    private final ConsolePages pages;

    /**
     * @param settings those in effect, which a reload replaces
     * @param hashing executor for password hashes
     */
    public AdminHandler(String host, Supplier<HttpSettings> settings, ServerApi api, Executor hashing) {
        origin = new RequestOrigin(host, settings.get().hostNames());
        login = new AdminLogin(settings, hashing);
        routes = new ApiRoutes(api);
        pages = new ConsolePages(host, login, api);
    }

    /** Returns whether a path belongs to the admin page or its API. */
    static boolean isOurs(String path) {
        return path.equals("/admin") || path.startsWith("/admin/") || path.startsWith("/api/");
    }

    /**
     * Answers a request. The stage never fails. The caller may release the request when this method returns.
     *
     * @param secure whether the client uses TLS, here or at a reverse proxy
     */
    CompletionStage<FullHttpResponse> answer(FullHttpRequest request, boolean secure) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        FullHttpResponse refusal = refusal(request, uri);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        CompletionStage<FullHttpResponse> answer =
                uri.path().startsWith("/api/") ? api(request) : pages.answer(new PageRequest(request, secure));
        return answer.exceptionally(failure -> {
            LOG.error("event=admin-failed path={}", uri.path(), failure);
            return HttpReplies.plain(HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed; see the log\n");
        });
    }

    /** Rejects requests that neither the page nor an API client sends, before authentication. */
    private @Nullable FullHttpResponse refusal(FullHttpRequest request, QueryStringDecoder uri) {
        HttpMethod method = request.method();
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (!origin.isForUs(request)) {
            return HttpReplies.plain(
                    HttpResponseStatus.MISDIRECTED_REQUEST,
                    "no name of this server; http.host-names lists those of a proxy\n");
        } else if (!reads && origin.isForeign(request)) {
            LOG.warn(
                    "event=admin-cross-site path={} origin=\"{}\"",
                    uri.path(),
                    request.headers().get(HttpHeaderNames.ORIGIN));
            return HttpReplies.plain(HttpResponseStatus.FORBIDDEN, "sent by a page of another site\n");
        }
        return null;
    }

    private CompletionStage<FullHttpResponse> api(FullHttpRequest request) {
        // The caller releases the request at once, while the password is still being verified.
        FullHttpRequest kept = request.retain();
        return login.basic(
                        request.headers().get(HttpHeaderNames.AUTHORIZATION),
                        request.headers().get("X-OTP"))
                .thenCompose(operator -> {
                    // No challenge: a browser that answered it would send the password with requests of other sites'
                    // pages.
                    return operator == null
                            ? CompletableFuture.completedFuture(
                                    HttpReplies.error(HttpResponseStatus.UNAUTHORIZED, "log in with Basic"))
                            : routes.answer(kept, operator);
                })
                .whenComplete((response, failure) -> kept.release());
    }
}
