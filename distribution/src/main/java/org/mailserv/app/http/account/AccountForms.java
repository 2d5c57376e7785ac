package org.mailserv.app.http.account;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.AppPasswordRemoval;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewAppPassword;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserForward;
import org.mailserv.app.api.VacationChange;

/** The forms of the users' page. Each becomes a call of the API for the user who is logged in, and for no other. */
final class AccountForms {
    private static final int SHORTEST_PASSWORD = 8;

    private final ServerApi api;
    private final AccountLogin login;

    AccountForms(ServerApi api, AccountLogin login) {
        this.api = api;
        this.login = login;
    }

    /**
     * The result of a form.
     *
     * @param notice for the user; may be empty
     * @param secret a new app password, which is shown once
     * @param problem the reason why nothing was changed
     * @param ended whether the change has ended the session
     */
    record Done(
            String notice,
            @Nullable String secret,
            @Nullable String problem,
            boolean ended) {
        static Done of(String notice) {
            return new Done(notice, null, null, false);
        }

        @Override
        public String toString() {
            return "Done[" + notice + "]";
        }
    }

    /** Returns the operator for calls that a user makes for itself. */
    static Operator self(String user) {
        return new Operator(user + " (own page)", Operator.Role.ADMINISTRATOR, false);
    }

    /** Handles a form, or returns null if the path has none. The stage fails with {@link ApiException}. */
    @Nullable
    CompletionStage<Done> handle(AccountRequest request, String user) {
        return switch (request.path()) {
            case AccountPages.ROOT + "/password" -> password(request, user);
            case AccountPages.ROOT + "/app-password" -> addAppPassword(request, user);
            case AccountPages.ROOT + "/app-password/remove" ->
                api.ask(Calls.REMOVE_APP_PASSWORD, new AppPasswordRemoval(user, request.field("id")), self(user))
                        .thenApply(done -> Done.of("The app password is revoked. Programs that use it cannot log in."));
            case AccountPages.ROOT + "/forward" -> forward(request, user);
            case AccountPages.ROOT + "/vacation" -> vacation(request, user);
            default -> null;
        };
    }

    private CompletionStage<Done> password(AccountRequest request, String user) {
        String password = request.field("new");
        String problem = problem(password, request.field("again"), user);
        if (problem != null) {
            return CompletableFuture.failedFuture(ApiException.malformed(problem));
        }
        return login.verify(request.client(), user, request.field("old")).thenCompose(account -> {
            if (account == null) {
                return CompletableFuture.failedFuture(
                        new ApiException(ApiException.Kind.FORBIDDEN, "The old password is not right."));
            }
            return api.ask(Calls.CHANGE_USER, UserChange.password(user, password), self(user))
                    .thenApply(done -> new Done(
                            "The password is changed, and all sessions have ended. Log in with the new password.",
                            null,
                            null,
                            true));
        });
    }

    private static @Nullable String problem(String password, String again, String user) {
        if (password.length() < SHORTEST_PASSWORD) {
            return "The new password is too short (expected: at least " + SHORTEST_PASSWORD + " characters).";
        } else if (!password.equals(again)) {
            return "The new passwords are not the same.";
        } else if (password.equalsIgnoreCase(user)
                || password.equalsIgnoreCase(user.substring(0, user.lastIndexOf('@')))) {
            return "The new password is the address.";
        }
        return null;
    }

    private CompletionStage<Done> addAppPassword(AccountRequest request, String user) {
        List<String> scopes = request.fields("scope");
        if (scopes.isEmpty()) {
            return CompletableFuture.failedFuture(
                    ApiException.malformed("Choose at least one use of the app password."));
        }
        return api.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword(user, request.field("name"), scopes), self(user))
                .thenApply(made -> new Done("", made.password(), null, false));
    }

    private CompletionStage<Done> forward(AccountRequest request, String user) {
        List<String> to = Arrays.stream(request.field("to").split("[\\s,;]+"))
                .filter(text -> !text.isEmpty())
                .toList();
        boolean copy = !request.field("copy").isEmpty();
        return api.ask(Calls.FORWARD_USER, new UserForward(user, to, copy), self(user))
                .thenApply(done -> Done.of(to.isEmpty() ? "Mail is no longer forwarded." : "Mail is forwarded."));
    }

    private CompletionStage<Done> vacation(AccountRequest request, String user) {
        boolean enabled = !request.field("enabled").isEmpty();
        VacationChange change = new VacationChange(
                user,
                enabled,
                request.field("subject"),
                request.field("text").strip(),
                request.field("start"),
                request.field("end"));
        return api.ask(Calls.SET_VACATION, change, self(user))
                .thenApply(done -> Done.of(enabled ? "The vacation reply is on." : "The vacation reply is off."));
    }
}
