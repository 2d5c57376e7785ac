package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.http.view.FailurePage;
import org.mailserv.app.http.view.Layout;
import org.mailserv.app.http.view.Templates;

/** A request of a person who is logged in, with the means to answer it. */
final class Visit {
    private final PageRequest request;
    private final Session session;
    private final ServerApi api;
    private final String host;
    private final List<Layout.Link> links;
    private String back;

    /** @param host name of the server */
    Visit(PageRequest request, Session session, ServerApi api, String host, List<Layout.Link> links) {
        this.request = request;
        this.session = session;
        this.api = api;
        this.host = host;
        this.links = links;
        back = request.isPost() ? request.path() : "/admin";
    }

    /** Sets the page to which the page of a failure leads. */
    void returnTo(String path) {
        back = path;
    }

    PageRequest request() {
        return request;
    }

    Operator operator() {
        return session.operator();
    }

    /** Returns a field of the form or query without blanks around it, or an empty text. */
    String field(String name) {
        return request.field(name).strip();
    }

    /** Asks the API with the role of the person. */
    <Q extends Record, A> CompletionStage<A> ask(Call<Q, A> call, Q question) {
        return api.ask(call, question, operator());
    }

    /** Returns the shared parts of a page; the notice of the last change is shown once. */
    Layout layout(String title, String section) {
        return new Layout(
                host,
                title,
                section,
                operator().name(),
                operator().role() != Operator.Role.READ_ONLY,
                session.token(),
                session.takeNotice(),
                links);
    }

    FullHttpResponse page(String template, Object page) {
        return HttpReplies.html(HttpResponseStatus.OK, Templates.render(template, page));
    }

    /** Returns to a page, which shows what was done. */
    FullHttpResponse done(String path, String notice) {
        session.leaveNotice(notice);
        return HttpReplies.redirect(path, null);
    }

    /** Returns a page that says why something was not done. */
    FullHttpResponse failed(int status, List<String> lines, String back) {
        return HttpReplies.html(
                HttpResponseStatus.valueOf(status),
                Templates.render("failure", new FailurePage(layout("Not done", ""), lines, back)));
    }

    /** Returns the page for a call that failed; other failures are passed on. */
    FullHttpResponse failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof ApiException e) {
            List<String> lines =
                    new ArrayList<>(String.valueOf(e.getMessage()).lines().toList());
            return failed(e.kind().status(), lines, back);
        }
        throw new CompletionException(cause);
    }
}
