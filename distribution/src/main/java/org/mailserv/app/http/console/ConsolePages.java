package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.http.view.Layout;
import org.mailserv.app.http.view.LoginPage;
import org.mailserv.app.http.view.StaticFiles;
import org.mailserv.app.http.view.Templates;

/**
 * The pages for browsers. A change is a POST with the token of the session, and what is lost is asked about first. Nothing blocks, and no page
 * needs script.
 */
public final class ConsolePages {
    private static final String HOME = "/admin";
    private static final String LOGIN = "/admin/login";
    private static final String LOGOUT = "/admin/logout";
    /** The pages that show everybody what belongs to their domains. */
    private static final List<Layout.Link> LINKS_OF_DOMAINS = List.of(
            new Layout.Link("/admin/queue", "Queue"),
            new Layout.Link(TracePages.PATH, "Trace"),
            new Layout.Link(DomainPages.PATH, "Domains"),
            new Layout.Link(AccountPages.PATH, "Accounts"),
            new Layout.Link("/admin/aliases", "Aliases"),
            new Layout.Link(ReportPages.PATH, "Reports"));

    private static final List<Layout.Link> LINKS = links();

    private final String host;
    private final AdminLogin login;
    private final ServerApi api;
    private final Pages pages = new Pages();

    /** @param host name of the server */
    public ConsolePages(String host, AdminLogin login, ServerApi api) {
        this.host = host;
        this.login = login;
        this.api = api;
        new OverviewPages().register(pages);
        new QueuePages().register(pages);
        new TracePages().register(pages);
        new SessionPages().register(pages);
        new DomainPages().register(pages);
        new AccountPages().register(pages);
        new AliasPages().register(pages);
        new ReportPages().register(pages);
        pages.post(LOGOUT, visit -> CompletableFuture.completedFuture(HttpReplies.redirect("/admin", null)));
        pages.get(LOGIN, visit -> CompletableFuture.completedFuture(HttpReplies.redirect("/admin", null)));
    }

    /** Answers a request for a page. The stage fails only on errors of the program. */
    public CompletionStage<FullHttpResponse> answer(PageRequest request) {
        StaticFiles.StaticFile file = StaticFiles.find(request.path());
        if (file != null && request.isGet()) {
            return now(HttpReplies.file(file));
        } else if (request.path().equals(LOGIN) && request.isPost()) {
            return logIn(request);
        }
        Session session = login.find(request.cookie());
        String path = request.path().equals("/admin/") ? "/admin" : request.path();
        String methods = pages.methods(path);
        boolean fits = methods == null || methods.contains(request.isPost() ? "POST" : "GET");
        boolean known = request.isPost() || request.isGet();
        if (methods != null && (!known || session != null && !fits)) {
            return now(HttpReplies.notAllowed(methods));
        } else if (session == null) {
            return now(loginPage(HttpResponseStatus.OK, "", ""));
        } else if (request.isPost() && !session.owns(request.field("token"))) {
            return now(HttpReplies.plain(HttpResponseStatus.FORBIDDEN, "the form is of another session\n"));
        }
        return inside(request, path, session);
    }

    private CompletionStage<FullHttpResponse> inside(PageRequest request, String path, Session session) {
        boolean restricted = session.operator().isRestricted();
        Visit visit = new Visit(request, session, api, host, restricted ? LINKS_OF_DOMAINS : LINKS);
        Pages.@Nullable Page page = pages.find(path, request.isPost());
        if (path.equals(LOGOUT)) {
            login.close(session);
            return now(HttpReplies.redirect("/admin", request.cookie(null)));
        } else if (restricted && path.equals(HOME)) {
            return now(HttpReplies.redirect(AccountPages.PATH, null));
        } else if (page == null) {
            return now(visit.failed(404, List.of("There is no such page."), "/admin"));
        }
        return page.answer(visit).exceptionally(visit::failed);
    }

    private CompletionStage<FullHttpResponse> logIn(PageRequest request) {
        String user = request.field("user").strip();
        return login.open(user.isEmpty() ? "admin" : user, request.field("password"), request.field("code"))
                .thenApply(session -> session == null
                        ? loginPage(HttpResponseStatus.FORBIDDEN, "That is not the name, password or code.", user)
                        : HttpReplies.redirect("/admin", request.cookie(session.id())));
    }

    /** A page that refreshes a part of itself after its session has ended is loaded again as a whole. */
    private FullHttpResponse loginPage(HttpResponseStatus status, String problem, String user) {
        Layout layout = new Layout(host, "Log in", "", null, false, "", null, List.of());
        FullHttpResponse response =
                HttpReplies.html(status, Templates.render("login", new LoginPage(layout, problem, user)));
        response.headers().set("HX-Refresh", "true").set(HttpHeaderNames.VARY, HttpHeaderNames.COOKIE);
        return response;
    }

    private static List<Layout.Link> links() {
        List<Layout.Link> all = new ArrayList<>(LINKS_OF_DOMAINS);
        all.add(0, new Layout.Link(HOME, "Overview"));
        all.add(new Layout.Link("/admin/sessions", "Sessions"));
        all.add(new Layout.Link("/admin/log", "Log"));
        return List.copyOf(all);
    }

    private static CompletionStage<FullHttpResponse> now(FullHttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
