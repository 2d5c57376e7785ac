package org.mailserv.server.sasl;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;

/** The PLAIN mechanism, which consists of one message. RFC 4616. */
final class PlainExchange implements SaslExchange {
    private final AccountStore accounts;

    PlainExchange(AccountStore accounts) {
        this.accounts = accounts;
    }

    @Override
    public boolean serverFirst() {
        return false;
    }

    @Override
    public CompletionStage<Step> step(@Nullable String response) {
        String text = response == null ? null : SaslText.decodeText(response);
        String[] parts = text == null ? new String[0] : text.split("\0", -1);
        if (parts.length != 3 || parts[1].isEmpty()) {
            return CompletableFuture.completedFuture(Step.syntaxError("Cannot read the response"));
        }
        String login = SaslText.qualified(accounts, parts[1]);
        if (!parts[0].isEmpty() && !MailboxName.same(SaslText.qualified(accounts, parts[0]), login)) {
            // RFC 4616, 2: no user is authorized to act as another.
            return CompletableFuture.completedFuture(Step.end(login, null));
        }
        return accounts.authenticate(login, parts[2]).thenApply(account -> Step.end(login, account));
    }
}
