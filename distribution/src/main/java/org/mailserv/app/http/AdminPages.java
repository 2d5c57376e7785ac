package org.mailserv.app.http;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.ServerApi;
import org.mailserv.relay.queue.QueueAdmin;

/** The pages for browsers. A change is a POST with the token of the session; what is lost is asked about first. */
final class AdminPages {
    private static final int MOST_SHOWN = 1_000;
    /** The pages with the methods that they answer to. */
    private static final Map<String, String> METHODS = Map.of(
            "/admin", "GET, HEAD",
            "/admin/", "GET, HEAD",
            "/admin/style.css", "GET, HEAD",
            "/admin/login", "GET, HEAD, POST",
            "/admin/logout", "POST",
            "/admin/queue", "POST");

    private final String host;
    private final AdminLogin login;
    private final ServerApi api;

    AdminPages(String host, AdminLogin login, ServerApi api) {
        this.host = host;
        this.login = login;
        this.api = api;
    }

    CompletionStage<FullHttpResponse> answer(PageRequest request) {
        String methods = METHODS.get(request.path());
        boolean readable = methods == null || methods.startsWith("GET");
        boolean fits = request.isPost() ? methods == null || methods.endsWith("POST") : request.isGet() && readable;
        AdminLogin.Session session = login.find(request.cookie());
        if (methods != null && !fits && (session != null || !request.isGet() && !request.isPost())) {
            return now(HttpReplies.notAllowed(methods));
        } else if (request.path().equals("/admin/style.css")) {
            return now(HttpReplies.text(HttpResponseStatus.OK, "text/css", AdminPage.style()));
        } else if (request.path().equals("/admin/login")) {
            return request.isPost() ? logIn(request) : now(HttpReplies.redirect("/admin", null));
        } else if (session == null) {
            return now(HttpReplies.html(HttpResponseStatus.OK, AdminPage.login(host, "")));
        } else if (request.isPost() && !session.owns(request.field("token"))) {
            return now(HttpReplies.plain(HttpResponseStatus.FORBIDDEN, "the form is of another session\n"));
        }
        return inside(request, session);
    }

    private CompletionStage<FullHttpResponse> inside(PageRequest request, AdminLogin.Session session) {
        return switch (request.path()) {
            case "/admin", "/admin/" -> overview(session);
            case "/admin/logout" -> {
                login.close(session);
                yield now(HttpReplies.redirect(
                        "/admin", PageRequest.COOKIE + "=; Path=/admin; Max-Age=0; HttpOnly; SameSite=Strict"));
            }
            case "/admin/queue" -> changeQueue(request, session);
            default -> now(HttpReplies.plain(HttpResponseStatus.NOT_FOUND, "no such page\n"));
        };
    }

    private CompletionStage<FullHttpResponse> logIn(PageRequest request) {
        return login.open(request.field("password"), "admin")
                .thenApply(session -> session == null
                        ? HttpReplies.html(
                                HttpResponseStatus.FORBIDDEN, AdminPage.login(host, "That is not the password."))
                        : HttpReplies.redirect(
                                "/admin",
                                PageRequest.COOKIE + "=" + session.id() + "; Path=/admin; HttpOnly; SameSite=Strict"));
    }

    private CompletionStage<FullHttpResponse> overview(AdminLogin.Session session) {
        Operator by = session.operator();
        return api.ask(Calls.STATE, Nothing.NOTHING, by)
                .thenCompose(state -> api.ask(Calls.TRAFFIC, Nothing.NOTHING, by)
                        .thenCompose(traffic -> api.ask(Calls.QUEUE, QueueQuery.all(MOST_SHOWN), by)
                                .thenCompose(queue -> api.ask(Calls.SESSIONS, Nothing.NOTHING, by)
                                        .thenCompose(sessions -> api.ask(Calls.MAILBOXES, Nothing.NOTHING, by)
                                                .thenCompose(mailboxes -> api.ask(Calls.LOG, Nothing.NOTHING, by)
                                                        .thenApply(log -> HttpReplies.html(
                                                                HttpResponseStatus.OK,
                                                                AdminPage.overview(new AdminPage.Overview(
                                                                        state,
                                                                        traffic,
                                                                        queue,
                                                                        sessions,
                                                                        mailboxes,
                                                                        log,
                                                                        session.token())))))))));
    }

    private CompletionStage<FullHttpResponse> changeQueue(PageRequest request, AdminLogin.Session session) {
        QueueChange change;
        try {
            change = change(request.field("action"), request.fields("id"), request.field("domain"));
        } catch (ApiException e) {
            return now(HttpReplies.plain(HttpResponseStatus.BAD_REQUEST, e.getMessage() + "\n"));
        }
        Operator by = new Operator("the admin page", session.operator().role(), false);
        boolean asked = change.isFinal() && !request.field("confirmed").equals("yes");
        return api.ask(Calls.CHANGE_QUEUE, asked ? change.rehearsal() : change, by)
                .thenApply(result -> asked
                        ? HttpReplies.html(
                                HttpResponseStatus.OK, QueuePage.confirm(host, change, result, session.token()))
                        : done(change, result))
                .exceptionally(AdminPages::failure);
    }

    private static QueueChange change(String action, List<String> ids, String domain) throws ApiException {
        try {
            return QueueChange.of(
                    QueueAdmin.Action.valueOf(action.toUpperCase(Locale.ROOT)), ids, domain.isEmpty() ? null : domain);
        } catch (IllegalArgumentException e) {
            throw ApiException.malformed("unknown action");
        }
    }

    private FullHttpResponse done(QueueChange change, QueueChanged result) {
        return result.problems().isEmpty()
                ? HttpReplies.redirect("/admin", null)
                : HttpReplies.html(HttpResponseStatus.OK, QueuePage.problems(host, change, result));
    }

    private static FullHttpResponse failure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof ApiException e) {
            return HttpReplies.plain(HttpResponseStatus.valueOf(e.kind().status()), e.getMessage() + "\n");
        }
        throw new CompletionException(cause);
    }

    private static CompletionStage<FullHttpResponse> now(FullHttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
