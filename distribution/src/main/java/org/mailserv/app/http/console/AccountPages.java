package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewUser;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserForward;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.UsersQuery;
import org.mailserv.app.http.view.AccountPage;
import org.mailserv.app.http.view.AccountsPage;

/** The users: their passwords, quotas, forwarding and state. What the configuration holds is shown and not changed. */
final class AccountPages {
    static final String PATH = "/admin/accounts";
    private static final String USER = PATH + "/user";
    private static final int MAX_USERS = 500;
    private static final long MEBI = 1L << 20;

    void register(Pages pages) {
        pages.get(PATH, AccountPages::list)
                .post(PATH, AccountPages::add)
                .get(USER, AccountPages::show)
                .post(USER, AccountPages::change)
                .get(USER + "/remove", AccountPages::askRemoval)
                .post(USER + "/remove", AccountPages::remove);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        String text = visit.field("text");
        return visit.ask(Calls.USERS, new UsersQuery(null)).thenApply(users -> {
            List<UserInfo> found = users.stream()
                    .filter(user -> user.user().toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)))
                    .toList();
            return visit.page(
                    "accounts",
                    new AccountsPage(
                            visit.layout("Accounts", PATH),
                            found.stream().limit(MAX_USERS).toList(),
                            found.size(),
                            text));
        });
    }

    private static CompletionStage<FullHttpResponse> add(Visit visit) {
        String user = visit.field("user");
        try {
            NewUser request = new NewUser(
                    user,
                    password(visit),
                    null,
                    null,
                    octets(visit.field("quota")),
                    null,
                    addresses(visit.field("forward")),
                    null);
            return visit.ask(Calls.ADD_USER, request)
                    .thenApply(added -> visit.done(pathOf(added.user()), "Added " + added.user() + "."));
        } catch (ApiException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletionStage<FullHttpResponse> show(Visit visit) {
        return visit.ask(Calls.USER, new UserQuery(visit.field("user")))
                .thenApply(user -> visit.page("account", new AccountPage(visit.layout(user.user(), PATH), user)));
    }

    private static CompletionStage<FullHttpResponse> change(Visit visit) {
        String user = visit.field("user");
        visit.returnTo(pathOf(user));
        try {
            return switch (visit.field("action")) {
                case "password" ->
                    changed(visit, UserChange.password(user, password(visit)), "The new password holds.");
                case "disable" ->
                    changed(
                            visit,
                            UserChange.disabled(user, true),
                            "Disabled: no login is possible; mail still arrives.");
                case "enable" -> changed(visit, UserChange.disabled(user, false), "Enabled.");
                case "quota" ->
                    changed(
                            visit,
                            new UserChange(
                                    user,
                                    null,
                                    null,
                                    null,
                                    octets(visit.field("quota")),
                                    number(visit.field("messages"))),
                            "The new quota holds.");
                case "forward" ->
                    visit.ask(
                                    Calls.FORWARD_USER,
                                    new UserForward(
                                            user,
                                            addresses(visit.field("forward")),
                                            visit.field("copy").equals("yes")))
                            .thenApply(done -> visit.done(pathOf(user), "The forwarding is set."));
                default -> throw ApiException.malformed("unknown action");
            };
        } catch (ApiException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletionStage<FullHttpResponse> changed(Visit visit, UserChange change, String notice) {
        return visit.ask(Calls.CHANGE_USER, change).thenApply(user -> visit.done(pathOf(user.user()), notice));
    }

    private static CompletionStage<FullHttpResponse> askRemoval(Visit visit) {
        return visit.ask(Calls.USER, new UserQuery(visit.field("user")))
                .thenApply(user -> visit.page("accountRemove", new AccountPage(visit.layout(user.user(), PATH), user)));
    }

    private static CompletionStage<FullHttpResponse> remove(Visit visit) {
        String user = visit.field("user");
        visit.returnTo(pathOf(user));
        return visit.ask(Calls.REMOVE_USER, new UserQuery(user))
                .thenApply(done -> visit.done(PATH, "Removed " + user + ". The mail stays on the disk."));
    }

    private static String pathOf(String user) {
        return USER + "?user=" + URLEncoder.encode(user, StandardCharsets.UTF_8);
    }

    /** Returns the password as it was typed, blanks included. */
    private static String password(Visit visit) throws ApiException {
        String password = visit.request().field("password");
        if (!password.equals(visit.request().field("again"))) {
            throw ApiException.malformed("The two passwords differ.");
        }
        return password;
    }

    /** Returns the octets of a number of MiB, or null for an empty text. */
    private static @Nullable Long octets(String text) throws ApiException {
        Long mebi = number(text);
        return mebi == null ? null : Long.valueOf(mebi * MEBI);
    }

    private static @Nullable Long number(String text) throws ApiException {
        if (text.isEmpty()) {
            return null;
        } else if (!text.matches("[0-9]{1,9}")) {
            throw ApiException.malformed("quota: " + text + " is no number (expected: 0 or more; 0 for no limit)");
        }
        return Long.valueOf(text);
    }

    /** Returns the addresses of a text area or field. */
    static List<String> addresses(String text) {
        List<String> all = new ArrayList<>(Arrays.asList(text.split("[\\s,;]+")));
        all.removeIf(String::isEmpty);
        return all;
    }
}
