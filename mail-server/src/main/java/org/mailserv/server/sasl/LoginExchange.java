package org.mailserv.server.sasl;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;

/**
 * The LOGIN mechanism. It is not standardized, but many clients still use it. The name may be sent as the initial
 * response.
 */
final class LoginExchange implements SaslExchange {
    private final AccountStore accounts;
    private @Nullable String name;

    LoginExchange(AccountStore accounts) {
        this.accounts = accounts;
    }

    @Override
    public boolean serverFirst() {
        return true;
    }

    @Override
    public CompletionStage<Step> step(@Nullable String response) {
        if (response == null) {
            return done(Step.challenge(SaslText.encode("Username:")));
        }
        String text = SaslText.decodeText(response);
        if (text == null) {
            return done(Step.syntaxError("Cannot read the response"));
        }
        String known = name;
        if (known == null) {
            name = text;
            return done(Step.challenge(SaslText.encode("Password:")));
        }
        String login = SaslText.qualified(accounts, known);
        return accounts.authenticate(login, text).thenApply(account -> Step.end(login, account));
    }

    private static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }
}
