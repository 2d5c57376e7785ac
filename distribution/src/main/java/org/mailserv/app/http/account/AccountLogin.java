package org.mailserv.app.http.account;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.sasl.LoginGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins to the users' page with the mail password. They share the delays and the lock-out of the mail protocols, so that a guesser gains
 * nothing by changing between them. An app password does not log in here.
 */
final class AccountLogin {
    private static final Logger LOG = LoggerFactory.getLogger(AccountLogin.class);

    private final AccountStore accounts;
    private final LoginGuard guard;

    AccountLogin(AccountStore accounts, LoginGuard guard) {
        this.accounts = accounts;
        this.guard = guard;
    }

    /** Returns the account if the password is right and the client may log in, else null. */
    CompletionStage<@Nullable Account> verify(String client, String name, String password) {
        String login = name.indexOf('@') >= 0 ? name : name + "@" + accounts.primaryDomain();
        if (!guard.mayTry(client, login)) {
            refused(client, login, "too many failures");
            return CompletableFuture.completedFuture(null);
        }
        return accounts.authenticate(login, password).thenCompose(account -> {
            String restriction = account == null
                    ? "name or password"
                    : account.restrictions().refuses(client);
            if (account != null && restriction == null) {
                guard.succeeded(client, login);
                return CompletableFuture.completedFuture(account);
            }
            refused(client, login, String.valueOf(restriction));
            return guard.failed(client, login).thenApply(told -> null);
        });
    }

    private static void refused(String client, String login, String reason) {
        LOG.warn(
                "event=account-login-failed peer={} login={} reason=\"{}\"",
                client,
                login.replaceAll("[^\\x21-\\x7e]|\"", "?"),
                reason);
    }
}
