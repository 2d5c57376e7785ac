package org.mailserv.app.http.account;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.http.console.HttpReplies;
import org.mailserv.app.http.view.OwnAccountPage;
import org.mailserv.app.http.view.OwnLoginPage;
import org.mailserv.app.http.view.StaticFiles;
import org.mailserv.app.http.view.Templates;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.sasl.LoginGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for the users' page. A change is a POST with the token of the session. Nothing blocks, and no page needs script.
 */
public final class AccountPages {
    public static final String ROOT = "/account";
    private static final Logger LOG = LoggerFactory.getLogger(AccountPages.class);
    private static final String STATIC = ROOT + "/static/";

    private final String host;
    private final ServerApi api;
    private final Supplier<List<ClientService>> services;
    private final AccountLogin login;
    private final AccountSessions sessions;
    private final AccountForms forms;

    /**
     * @param host name of the server
     * @param accounts the accounts without app passwords
     * @param guard shared with the mail protocols
     * @param services the services for mail programs
     */
    public AccountPages(
            String host,
            ServerApi api,
            AccountStore accounts,
            LoginGuard guard,
            Supplier<List<ClientService>> services) {
        this.host = host;
        this.api = api;
        this.services = services;
        this.login = new AccountLogin(accounts, guard);
        this.sessions = new AccountSessions(accounts);
        this.forms = new AccountForms(api, login);
    }

    /** Answers a request. The stage fails only on errors of the program. */
    public CompletionStage<FullHttpResponse> answer(AccountRequest request) {
        if (request.path().startsWith(STATIC)) {
            return now(file(request));
        } else if (!request.isGet() && !request.isPost()) {
            return now(HttpReplies.notAllowed("GET, HEAD, POST"));
        } else if (request.path().equals(ROOT + "/login") && request.isPost()) {
            return logIn(request);
        }
        AccountSessions.AccountSession session = sessions.find(request.cookie());
        if (session == null) {
            return now(loginPage(HttpResponseStatus.OK, "", ""));
        } else if (request.isGet()) {
            return request.path().equals(ROOT) || request.path().equals(ROOT + "/")
                    ? page(session, HttpResponseStatus.OK, null)
                    : now(HttpReplies.redirect(ROOT, null));
        } else if (!session.owns(request.field("token"))) {
            return now(HttpReplies.plain(HttpResponseStatus.FORBIDDEN, "the form is of another session\n"));
        }
        return change(request, session);
    }

    private static FullHttpResponse file(AccountRequest request) {
        StaticFiles.StaticFile found =
                StaticFiles.find(StaticFiles.FOLDER + request.path().substring(STATIC.length()));
        return found == null
                ? HttpReplies.plain(HttpResponseStatus.NOT_FOUND, "no such file\n")
                : HttpReplies.file(found);
    }

    private CompletionStage<FullHttpResponse> change(AccountRequest request, AccountSessions.AccountSession session) {
        if (request.path().equals(ROOT + "/logout")) {
            sessions.close(session);
            return now(HttpReplies.redirect(ROOT, request.cookie(null)));
        }
        CompletionStage<AccountForms.Done> done = forms.handle(request, session.user());
        if (done == null) {
            return now(HttpReplies.plain(HttpResponseStatus.NOT_FOUND, "no such page\n"));
        }
        return done.thenCompose(result -> {
                    if (result.secret() != null) {
                        return page(session, HttpResponseStatus.OK, result);
                    } else if (result.ended()) {
                        return now(loginPage(HttpResponseStatus.OK, "", result.notice()));
                    }
                    session.leaveNotice(result.notice());
                    return now(HttpReplies.redirect(ROOT, null));
                })
                .handle((response, failure) -> failure == null ? now(response) : failed(session, failure))
                .thenCompose(response -> response);
    }

    private CompletionStage<FullHttpResponse> failed(AccountSessions.AccountSession session, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof ApiException problem) {
            AccountForms.Done shown = new AccountForms.Done("", null, String.valueOf(problem.getMessage()), false);
            return page(session, HttpResponseStatus.valueOf(problem.kind().status()), shown);
        }
        return CompletableFuture.failedFuture(cause);
    }

    private CompletionStage<FullHttpResponse> logIn(AccountRequest request) {
        String name = request.field("user").strip();
        return login.verify(request.client(), name, request.field("password")).thenApply(account -> {
            if (account == null) {
                return loginPage(HttpResponseStatus.FORBIDDEN, "That is not the address or the password.", "");
            }
            AccountSessions.AccountSession session = sessions.open(account);
            LOG.info("event=account-login peer={} account={}", request.client(), session.user());
            return HttpReplies.redirect(ROOT, request.cookie(session.id()));
        });
    }

    private CompletionStage<FullHttpResponse> page(
            AccountSessions.AccountSession session, HttpResponseStatus status, AccountForms.@Nullable Done result) {
        Operator self = AccountForms.self(session.user());
        UserQuery user = new UserQuery(session.user());
        return api.ask(Calls.USER, user, self)
                .thenCombine(api.ask(Calls.VACATION, user, self), (info, vacation) -> {
                    String notice =
                            result == null || result.notice().isEmpty() ? session.takeNotice() : result.notice();
                    OwnAccountPage page = new OwnAccountPage(
                            host,
                            session.token(),
                            notice,
                            result == null ? null : result.problem(),
                            result == null ? null : result.secret(),
                            info,
                            vacation,
                            services.get());
                    return HttpReplies.html(status, Templates.render("ownAccount", page));
                })
                .exceptionally(AccountPages::unavailable);
    }

    /** Answers for a user that is not here, such as one of a password helper, and for a server that is busy. */
    private static FullHttpResponse unavailable(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof ApiException problem) {
            return HttpReplies.plain(
                    HttpResponseStatus.valueOf(problem.kind().status()),
                    problem.kind() == ApiException.Kind.NOT_FOUND
                            ? "This account is kept by another system and has no settings here.\n"
                            : problem.getMessage() + "\n");
        }
        throw new CompletionException(cause);
    }

    private FullHttpResponse loginPage(HttpResponseStatus status, String problem, String notice) {
        FullHttpResponse response =
                HttpReplies.html(status, Templates.render("ownLogin", new OwnLoginPage(host, problem, notice)));
        response.headers().set(HttpHeaderNames.VARY, HttpHeaderNames.COOKIE);
        return response;
    }

    private static CompletionStage<FullHttpResponse> now(FullHttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
